"""A fit on photographs whose process is killed ends, begun again, as if it had not been."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from photographs_data import write_csv, write_pictures

from dde_training.configuration import changed
from dde_training.photographs import pipeline
from dde_training.photographs.data import read_photographs
from dde_training.photographs.networks import NETWORKS, find_preset
from dde_training.photographs.weights import read_network
from dde_training.run import Run

COMMAND = [sys.executable, "-c", "from dde_training.cli import main; main()", "photographs", "fit"]
SETTINGS = {
    "cd-net": ["epochs=12", "batch=4", "resize=34", "crop=32", "side=32", "test_side=32"],
    "cd-flow": ["epochs=12", "batch=4", "steps=1", "hidden=8"],
}


def wait_for(file: Path, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 120
    while not file.exists() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)


@pytest.mark.parametrize("name", SETTINGS)
def test_a_killed_process_goes_on_to_the_same_weights(name: str, tmp_path: Path) -> None:
    pictures = tmp_path / "pictures"
    rows = write_pictures(pictures, 14)
    data = write_csv(pictures / "all.csv", rows)
    output, checkpoint = tmp_path / "fit", tmp_path / "fit" / "checkpoint.pt"
    given = [f"--set={setting}" for setting in SETTINGS[name]]
    command = [*COMMAND, str(data), "--model", name, "--config", "small", "--device", "cpu",
               *given, "--output", str(output)]  # fmt: skip

    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(checkpoint, process)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    epoch = torch.load(checkpoint, weights_only=True)["epoch"]
    assert 1 <= epoch < 12
    assert not (output / "model.safetensors").exists()

    subprocess.run(command, check=True, capture_output=True)
    assert not checkpoint.exists()
    resumed, _ = read_network(output)
    recipe = changed(find_preset(NETWORKS[name], "small"), SETTINGS[name])
    whole, _ = pipeline.fit(NETWORKS[name], read_photographs(data, None), recipe, Run(seed=0))
    assert whole.state_dict().keys() == resumed.state_dict().keys()
    for weights, expected in whole.state_dict().items():
        assert torch.equal(resumed.state_dict()[weights], expected), weights
