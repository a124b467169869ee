"""A trained model in the formats that other programs read."""

import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import onnx
import torch

from dde_training.deepdeltae import Spelling, write_npy
from dde_training.errors import UserError
from dde_training.files import write_bytes, write_json
from dde_training.models import Model
from dde_training.models.siamese import Siamese
from dde_training.results import Evaluation
from dde_training.weights import Metadata, as_strings, metadata_of, tensors, write_model

FormatName = Literal["safetensors", "npy-W", "npy-weight", "onnx", "json"]


def held_out_figures(evaluation: Evaluation) -> dict[str, Any]:
    """What a weight file says of an evaluation of its model."""
    pooled = evaluation.figures[evaluation.model].pooled
    return {
        "protocol": evaluation.protocol,
        "seed": evaluation.seed,
        "white": evaluation.white,
        "pairs": pooled.count,
        "pearson": pooled.pearson.value,
        "spearman": pooled.spearman.value,
        "stress": pooled.stress.value,
    }


def with_evaluations(provenance: Metadata, model: Model, evaluations: list[Evaluation]) -> Metadata:
    """
    The provenance of a model with the figures of its evaluations.

    Raises
    ------
    UserError
        If an evaluation is of another model, configuration, data or white.
    """
    wanted = {
        "model": model.name,
        "config": provenance["training"]["config"],
        "data": provenance["data"],
        "white": provenance["input"]["white"],
    }
    for one in evaluations:
        found = {"model": one.model, "config": one.config, "data": one.manifest, "white": one.white}
        for name, value in wanted.items():
            if found[name] != value:
                raise UserError(f"the evaluation {one.protocol} is not of this model's {name}")
    return {**provenance, "evaluation": [held_out_figures(one) for one in evaluations]}


def write_onnx(file: Path, model: Model, provenance: Metadata) -> None:
    """
    Write an ONNX graph with the inputs ``lab1`` and ``lab2``, (N, 3), and the output ``delta_e``.

    Parameters
    ----------
    file : pathlib.Path
    model : Model
    provenance : dict
        As `dde_training.weights.write_model` takes it.
    """
    # Two tensors: one given twice would be taken for one input.
    example = torch.zeros(2, 3), torch.zeros(2, 3)
    metadata = metadata_of(model, provenance)
    write_graph(file, model, example, ["lab1", "lab2"], "delta_e", metadata)


def write_graph(
    file: Path,
    model: torch.nn.Module,
    example: tuple[torch.Tensor, ...],
    inputs: list[str],
    output: str,
    metadata: Metadata,
) -> None:
    """
    Write an ONNX graph whose inputs and output have any number of rows.

    Parameters
    ----------
    file : pathlib.Path
    model : torch.nn.Module
    example : tuple of Tensor
        An input for each name.
    inputs : list of str
    output : str
    metadata : dict
    """
    count = torch.export.Dim("N")
    with _quiet_exporter():
        program = torch.onnx.export(
            model.cpu().eval(),
            example,
            input_names=inputs,
            output_names=[output],
            dynamic_shapes=tuple({0: count} for _ in inputs),
            dynamo=True,
            verbose=False,
        )
    assert program is not None  # the dynamo exporter gives a program or raises
    graph = program.model_proto
    onnx.helper.set_model_props(graph, as_strings(metadata))
    write_bytes(file, graph.SerializeToString(deterministic=True))


@contextmanager
def _quiet_exporter() -> Iterator[None]:
    """Keep back what torch's exporter says of its own deprecated parts and of torchvision."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


def write_plain_json(file: Path, model: Model, provenance: Metadata) -> None:
    """Write the metadata and every tensor as nested lists, for programs that read only JSON."""
    lists = {name: values.tolist() for name, values in tensors(model).items()}
    write_json(file, {**metadata_of(model, provenance), "tensors": lists})


def _npy_writer(spelling: Spelling) -> Callable[[Path, Model, Metadata], None]:
    def write(folder: Path, model: Model, provenance: Metadata) -> None:
        if not isinstance(model, Siamese):
            raise UserError(
                f"the DeepDeltaE project's files hold a siamese model, not {model.name}"
            )
        write_npy(folder, model, spelling)

    return write


WRITERS: dict[FormatName, Callable[[Path, Model, Metadata], None]] = {
    "safetensors": write_model,
    "npy-W": _npy_writer("W"),
    "npy-weight": _npy_writer("weight"),
    "onnx": write_onnx,
    "json": write_plain_json,
}
