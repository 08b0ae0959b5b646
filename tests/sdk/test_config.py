"""Where the studio is and who asks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studio.sdk import UserErrorException, _config


@pytest.fixture(autouse=True)
def _nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("STUDIO_URL", "STUDIO_TOKEN", "STUDIO_WORKSPACE"):
        monkeypatch.delenv(name, raising=False)


def write(path: Path, **told: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(told))
    return path


def test_our_own_file_is_found_upwards_and_points_to_credentials(tmp_path: Path) -> None:
    write(tmp_path / "keys.json", url="http://a:1", token="t", workspace="other")
    write(tmp_path / ".studio/config.json", workspace="main", credentials="../keys.json")
    write(tmp_path / "deep/config.json", workspace="azure")
    found = _config.from_config(tmp_path / "deep")
    assert found == _config.Connection("http://a:1", "t", "main")


def test_azure_file_names_are_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STUDIO_URL", "http://env:1")
    monkeypatch.setenv("STUDIO_TOKEN", "env")
    write(tmp_path / ".azureml/config.json", workspace_name="plain")
    assert _config.from_config(tmp_path).workspace == "plain"
    scope = "/subscriptions/s/resourceGroups/g/providers/p/workspaces/scoped"
    write(tmp_path / ".azureml/config.json", Id="x", Scope=scope)
    assert _config.from_config(tmp_path).workspace == "scoped"


def test_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "keys.json", url="http://file:1", token="file")
    write(tmp_path / ".studio/config.json", workspace="main", credentials="../keys.json")
    monkeypatch.setenv("STUDIO_URL", "http://env:1")
    monkeypatch.setenv("STUDIO_TOKEN", "env")
    assert _config.from_config(tmp_path) == _config.Connection("http://env:1", "env", "main")


def test_what_is_missing_is_said_with_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UserErrorException, match=r"manage\.py demo writes one"):
        _config.from_config(tmp_path)
    write(tmp_path / "config.json", something="else")
    with pytest.raises(UserErrorException, match='It needs the key "workspace"'):
        _config.from_config(tmp_path)
    (tmp_path / "config.json").write_text("{")
    with pytest.raises(UserErrorException, match="cannot be read"):
        _config.from_config(tmp_path)
    with pytest.raises(UserErrorException, match="Set STUDIO_URL"):
        _config.connection("main")
    monkeypatch.setenv("STUDIO_URL", "http://a:1")
    with pytest.raises(UserErrorException, match="Set STUDIO_TOKEN"):
        _config.connection("main")
