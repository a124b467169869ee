"use strict";
// The picture: a slider that wipes from reference to sample to map and perhaps to spread, zoom, and marks.
const $ = (id) => document.getElementById(id);
const stage = $("stage");

if (stage) {
  const box = stage.viewBox.baseVal;
  const size = { width: box.width, height: box.height };
  const slider = $("slider");
  const stops = [...document.querySelectorAll("[data-stop]")];
  const block = Number(stage.dataset.block);
  // A long scan gets a window of moderate shape, which shows all of it, or all of its smaller side.
  const ratio = Math.min(Math.max(size.width / size.height, 2 / 3), 4);
  const whole = Math.max(size.width, size.height * ratio); // how wide a view of all is
  const fitting = Math.min(size.width, size.height * ratio); // and one of the smaller side
  let view = { x: 0, y: 0, width: fitting, height: fitting / ratio };
  let marked = null;

  // ---- What is seen: 0 is the reference, 100 the sample, 200 the map---------------------------

  function wipe() {
    const at = Number(slider.value);
    for (const stop of stops.slice(1)) {
      const share = Math.min(Math.max((at - stop.dataset.stop) / 100 + 1, 0), 1);
      const clip = $("clip-" + stop.dataset.layer);
      clip.setAttribute("x", view.x);
      clip.setAttribute("y", view.y);
      clip.setAttribute("width", share * view.width);
      clip.setAttribute("height", view.height);
    }
    const edge = $("edge");
    const x = view.x + ((at % 100) / 100) * view.width;
    for (const [name, value] of Object.entries({ x1: x, x2: x, y1: view.y, y2: view.y + view.height })) {
      edge.setAttribute(name, value);
    }
    edge.setAttribute("visibility", at % 100 ? "visible" : "hidden");
    const names = stops.map((stop) => stop.textContent);
    const below = Math.floor(at / 100);
    slider.setAttribute(
      "aria-valuetext",
      at % 100 ? `${at % 100} % ${names[below + 1]}, the rest ${names[below]}` : names[below],
    );
    for (const stop of stops) {
      stop.setAttribute("aria-pressed", String(Number(stop.dataset.stop) === at));
    }
  }

  // ---- Where one looks ----------------------------------------------------------------------------

  const within = (at, room) => (room < 0 ? room / 2 : Math.min(Math.max(at, 0), room));

  function look(x, y, width) {
    const share = Math.min(1, Math.max(width / whole, 8 / Math.max(size.width, size.height)));
    view.width = share * whole;
    view.height = view.width / ratio;
    view.x = within(x - view.width / 2, size.width - view.width);
    view.y = within(y - view.height / 2, size.height - view.height);
    stage.setAttribute("viewBox", `${view.x} ${view.y} ${view.width} ${view.height}`);
    stage.classList.toggle("zoomed", share < 1);
    stage.classList.toggle("enlarged", stage.getScreenCTM().a * block > 1);
    $("out").disabled = $("all").disabled = share === 1;
    wipe();
    ring();
  }

  const zoom = (factor) => look(view.x + view.width / 2, view.y + view.height / 2, view.width * factor);
  const lookAtAll = () => look(size.width / 2, size.height / 2, whole);

  function move(dx, dy) {
    look(view.x + view.width / 2 + dx, view.y + view.height / 2 + dy, view.width);
  }

  // What is under the pointer stays there.
  function zoomAbout(x, y, factor) {
    const screen = stage.getScreenCTM().inverse();
    const at = new DOMPoint(x, y).matrixTransform(screen);
    const width = Math.min(whole, view.width * factor);
    const change = width / view.width;
    look(
      at.x + (view.x + view.width / 2 - at.x) * change,
      at.y + (view.y + view.height / 2 - at.y) * change,
      width,
    );
  }

  // ---- Marks --------------------------------------------------------------------------------------

  function ring() {
    const circle = $("ring");
    circle.setAttribute("visibility", marked ? "visible" : "hidden");
    if (!marked) return;
    const [x, y, width, height] = marked;
    circle.setAttribute("cx", x + width / 2);
    circle.setAttribute("cy", y + height / 2);
    circle.setAttribute("r", Math.max(0.75 * Math.max(width, height), 0.03 * view.width));
  }

  function unmark() {
    marked = null;
    for (const element of document.querySelectorAll(".marked")) element.classList.remove("marked");
    for (const button of document.querySelectorAll("[data-box]")) button.setAttribute("aria-pressed", "false");
    ring();
  }

  function mark(button) {
    const again = button.getAttribute("aria-pressed") === "true";
    unmark();
    if (again) return lookAtAll();
    button.setAttribute("aria-pressed", "true");
    button.closest("tr").classList.add("marked");
    const shape = button.dataset.shape && $(button.dataset.shape);
    if (shape) shape.classList.add("marked");
    const [x, y, width, height] = button.dataset.box.split(" ").map(Number);
    // A region is outlined already; a defect is small and wants a ring.
    const region = button.dataset.kind === "region";
    if (!region) marked = [x, y, width, height];
    const extent = Math.max(width, height * ratio);
    look(x + width / 2, y + height / 2, region ? 1.15 * extent : Math.max(3 * extent, fitting / 12));
    stage.scrollIntoView({ block: "center", behavior: "auto" });
  }

  // ---- What is pressed ------------------------------------------------------------------------------

  slider.addEventListener("input", wipe);
  for (const stop of stops) {
    stop.addEventListener("click", () => { slider.value = stop.dataset.stop; wipe(); });
  }
  for (const button of document.querySelectorAll("[data-box]")) {
    button.addEventListener("click", () => mark(button));
  }
  $("in").addEventListener("click", () => zoom(1 / 2));
  $("out").addEventListener("click", () => zoom(2));
  $("all").addEventListener("click", () => { unmark(); lookAtAll(); });
  $("outlines").addEventListener("change", () => stage.classList.toggle("plain", !$("outlines").checked));

  stage.addEventListener("keydown", (event) => {
    const step = view.width / 8;
    const action = {
      "+": () => zoom(1 / 2), "=": () => zoom(1 / 2), "-": () => zoom(2), "0": lookAtAll,
      ArrowLeft: () => move(-step, 0), ArrowRight: () => move(step, 0),
      ArrowUp: () => move(0, -step), ArrowDown: () => move(0, step),
    }[event.key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    action();
  });
  stage.addEventListener("wheel", (event) => {
    if (event.deltaY > 0 && !stage.classList.contains("zoomed")) return; // the page scrolls on
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 33 : 1;
    zoomAbout(event.clientX, event.clientY, 2 ** Math.min(Math.max((event.deltaY * lines) / 200, -1), 1));
  }, { passive: false });

  // One finger, or the mouse, drags; two zoom, and drag as well.
  const fingers = new Map();
  stage.addEventListener("pointerdown", (event) => {
    stage.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  });
  for (const end of ["pointerup", "pointercancel"]) {
    stage.addEventListener(end, (event) => fingers.delete(event.pointerId));
  }
  const middle = (points) => ({
    x: points.reduce((sum, point) => sum + point.x, 0) / points.length,
    y: points.reduce((sum, point) => sum + point.y, 0) / points.length,
  });
  stage.addEventListener("pointermove", (event) => {
    const before = [...fingers.values()];
    if (!fingers.has(event.pointerId)) return;
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    const now = [...fingers.values()];
    const from = middle(before), to = middle(now);
    if (now.length === 2) {
      const apart = ([one, other]) => Math.max(Math.hypot(one.x - other.x, one.y - other.y), 1);
      zoomAbout(from.x, from.y, apart(before) / apart(now));
    }
    const scale = stage.getScreenCTM().a;
    if (stage.classList.contains("zoomed")) move((from.x - to.x) / scale, (from.y - to.y) / scale);
  });
  addEventListener("resize", () => look(view.x + view.width / 2, view.y + view.height / 2, view.width));
  stage.style.setProperty("--ratio", ratio);
  look(fitting / 2, fitting / ratio / 2, fitting);
}

const choice = $("histogram-of");
if (choice) {
  choice.addEventListener("change", () => {
    document.querySelectorAll(".histogram").forEach((drawn, place) => {
      drawn.toggleAttribute("hidden", place !== choice.selectedIndex);
    });
  });
}
