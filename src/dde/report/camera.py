"""A camera as one page of HTML: the patches of its chart beside their targets, before and after."""

from typing import TYPE_CHECKING, Any

from dde.report.page import rendered, web_colour

if TYPE_CHECKING:
    from dde.cameras.camera import Camera

TITLES = {
    "model": "Model",
    "degree": "Degree",
    "metric": "Metric",
    "version": "Version of dde",
    "time": "Fitted",
}


def camera_as_html(camera: "Camera") -> str:
    """
    The page of a fitted camera, which needs nothing beside it.

    Raises
    ------
    ValueError
        If its record does not have what `dde.fit_camera` writes.
    """
    record = camera.record
    try:
        patches = [_patch(record, number) for number in range(len(record["patches"]))]
        statistics = [
            ("Mean", record["mean"]),
            ("Maximum", record["maximum"]),
            ("Mean of patches left out", record["left_out_mean"]),
            ("Maximum of patches left out", record["left_out_maximum"]),
        ]
        rows = [(title, record[key]) for key, title in TITLES.items()]
    except (KeyError, IndexError, TypeError) as error:
        raise ValueError(f"camera has a record without {error}") from None
    return rendered(
        "camera.html.jinja",
        title=camera.name,
        metric=record["metric"],
        warnings=camera.warnings,
        patches=patches,
        statistics=statistics,
        rows=rows,
        chart=record.get("chart", {}),
        coefficients=camera.coefficients.tolist(),
    )


def _patch(record: dict[str, Any], number: int) -> dict[str, Any]:
    name = record["patches"][number]
    target, found = record["targets"][number], record["found"][number]
    return {
        "name": name,
        "colours": [web_colour(colour) for colour in (target, found, record["before"][number])],
        "before": record["differences_before"][number],
        "after": record["differences"][number],
        "residuals": [after - aim for after, aim in zip(found, target, strict=True)],
        "not_used": record["not_used"].get(name, ""),
    }
