"""The container, the compose file, the unit and the wheel: what they promise is in them, and their tools take them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parent.parent
DOCKERFILE = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text("utf-8"), flags=re.MULTILINE)
COMPOSE = YAML(typ="safe").load(ROOT / "docker-compose.yml")
SERVICES = COMPOSE["services"]
DAEMONS = {name: one for name, one in SERVICES.items() if one["image"] == "aggregator:local"}
UNITS = {name: ROOT / "deploy" / name for name in ("aggregator.service", "aggregator@.service")}
GUIDE = (ROOT / "docs/guide/running-as-a-daemon.md").read_text("utf-8")


def instructions(name: str) -> list[str]:
    """Return the arguments of every such instruction, its continued lines joined, in order."""
    joined = re.sub(r"\\\n\s*", "", DOCKERFILE)
    return re.findall(rf"^{name} (.*)$", joined, re.MULTILINE)


def settings(unit: Path) -> list[tuple[str, str]]:
    """Return the keys of a unit with their values, in order."""
    lines = [line.partition("=") for line in unit.read_text("utf-8").splitlines() if re.match(r"[A-Z]\w*=", line)]
    return [(name, value) for name, _, value in lines]


def setting(unit: Path, key: str) -> str:
    """Return the values of a key of a unit, one after the other."""
    return " ".join(value for name, value in settings(unit) if name == key)


each_unit = pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS)
each_daemon = pytest.mark.parametrize("daemon", DAEMONS.values(), ids=DAEMONS)


def test_the_image_runs_as_nobody_of_the_host():
    (user,) = instructions("USER")
    assert re.fullmatch(r"[1-9]\d{4}:[1-9]\d{4}", user)
    last_stage = DOCKERFILE.rpartition("\nFROM ")[2]
    assert "USER" in last_stage.partition("ENTRYPOINT")[0]


def test_the_image_installs_what_is_pinned_and_nothing_else():
    installs = [run for run in instructions("RUN") if " install " in run and "pip" in run]
    assert len(installs) == 2
    assert "--no-deps --require-hashes -r requirements/run.txt -r requirements/postgres.txt" in installs[0]
    assert "--no-deps" in installs[1]
    assert not re.search(r"apt-get|curl|wget|https?://(?!127\.0\.0\.1)|ADD |index-url", DOCKERFILE)
    assert {line.partition(" ")[0] for line in instructions("FROM")} == {"python:3.11-slim"}


def test_the_image_holds_no_secret_and_gets_only_what_it_copies():
    assert not re.search(r"(?i)password|secret|token|api_?key", DOCKERFILE)
    ignored, *kept = [
        line for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line and not line.startswith("#")
    ]
    assert ignored == "*"
    copied = {name for copy in instructions("COPY") if "--from" not in copy for name in copy.split()[:-1]}
    assert {name.removeprefix("!") for name in kept if name.startswith("!")} == copied
    assert all((ROOT / name).exists() for name in copied)


def test_the_image_has_no_shell_and_no_installer_and_nothing_that_needs_one():
    """Row A60 of the attacks (content.md)."""
    *_, last = instructions("RUN")
    for program in ("/bin/sh", "/usr/bin/sh", "/usr/bin/bash", "/usr/bin/dash", "/usr/bin/apt*", "/usr/local/bin/pip*"):
        assert f" {program}" in last
    behind = DOCKERFILE.rpartition(last[-40:])[2]
    assert "RUN " not in behind
    for name in ("ENTRYPOINT", "CMD"):
        assert instructions(name)[-1].startswith("[")


def test_the_image_stops_by_the_signal_that_the_daemon_knows_and_listens_where_it_can_be_reached():
    assert instructions("STOPSIGNAL") == ["SIGTERM"]
    assert instructions("EXPOSE") == ["8080"]
    assert "AGGREGATOR_LISTEN=0.0.0.0:8080" in instructions("ENV")[0]
    assert "PYTHONDONTWRITEBYTECODE=1" in instructions("ENV")[0]


def test_health_is_asked_without_a_tool_that_is_not_there():
    (in_image,) = instructions("HEALTHCHECK")
    program = re.search(r'"-c", "(.*)"\]', in_image)
    assert program
    assert "/readyz" in program[1]
    compile(program[1], "healthcheck", "exec")
    asked = {name: one["healthcheck"]["test"] for name, one in DAEMONS.items()}
    assert asked["serve"] == ["CMD", "python", "-c", program[1]]
    alive = ["CMD", "python", "-c", program[1].replace("/readyz", "/healthz")]
    assert all(test == alive for name, test in asked.items() if name != "serve")


def test_two_daemons_poll_one_curates_one_serves_and_only_the_cache_can_be_reached():
    roles = sorted(one["command"][2] for one in DAEMONS.values())
    assert roles == ["curate", "poll", "poll", "serve"]
    assert all(one["command"][:2] == ["run", "--role"] for one in DAEMONS.values())
    assert {name: one["ports"] for name, one in SERVICES.items() if "ports" in one} == {"web": ["127.0.0.1:8080:8080"]}
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert SERVICES["db"]["networks"] == ["inside"]


@each_daemon
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("read_only", True),
        ("tmpfs", ["/tmp"]),
        ("cap_drop", ["ALL"]),
        ("security_opt", ["no-new-privileges:true"]),
        ("restart", "unless-stopped"),
        ("stop_grace_period", "15s"),
    ],
)
def test_the_compose_file_keeps_the_containers_small(daemon, key, value):
    assert daemon[key] == value


@each_daemon
def test_only_the_record_and_the_added_sources_can_be_written(daemon):
    writable = {mount.split(":")[1] for mount in daemon["volumes"] if not mount.endswith(":ro")}
    assert writable == {"/var/lib/aggregator", "/etc/aggregator/sources.d"}
    assert "./config:/etc/aggregator:ro" in daemon["volumes"]
    assert not {"privileged", "network_mode", "pid", "user", "environment", "env_file"} & daemon.keys()


def test_the_password_of_the_database_is_a_file_that_is_not_committed():
    assert COMPOSE["secrets"] == {"database": {"file": "./deploy/secrets/database"}}
    assert SERVICES["db"]["environment"]["POSTGRES_PASSWORD_FILE"] == "/run/secrets/database"
    assert all("database" in one["secrets"] for one in (*DAEMONS.values(), SERVICES["db"]))
    assert "deploy/secrets/" in (ROOT / ".gitignore").read_text("utf-8").splitlines()
    assert "${file:/run/secrets/database}" in GUIDE


def test_the_plain_container_of_the_guide_is_kept_as_small():
    command = next(block for block in re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL) if "docker run" in block)
    for option in (
        "--init",
        "--read-only",
        "--tmpfs /tmp",
        "--cap-drop ALL",
        "--security-opt no-new-privileges",
        "--stop-timeout 15",
        "-p 127.0.0.1:8080:8080",
        ":/etc/aggregator:ro",
        "-v aggregator:/var/lib/aggregator",
    ):
        assert option in command, option


@pytest.mark.skipif(not shutil.which("docker-compose"), reason="docker-compose is not installed")
def test_docker_compose_accepts_the_file():
    ended = subprocess.run(
        ["docker-compose", "-f", ROOT / "docker-compose.yml", "config", "--quiet"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


@each_unit
def test_a_unit_gives_up_where_a_person_is_needed_and_reloads_by_the_signal(unit):
    assert setting(unit, "Restart") == "on-failure"
    assert set(setting(unit, "RestartPreventExitStatus").split()) == {"2", "75", "78"}
    assert setting(unit, "ExecReload") == "/bin/kill -HUP $MAINPID"
    assert setting(unit, "TimeoutStopSec") == "15"


@each_unit
def test_a_unit_is_told_how_the_daemon_is_and_restarts_one_that_hangs(unit):
    assert setting(unit, "Type") == "notify"
    assert setting(unit, "WatchdogSec") == "60"
    assert setting(unit, "NotifyAccess") == "main"


def test_the_roles_of_the_template_are_its_instances():
    assert setting(UNITS["aggregator@.service"], "ExecStart").endswith("aggregator run --role %i")
    assert setting(UNITS["aggregator.service"], "ExecStart").endswith("aggregator run")


@each_unit
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("User", "aggregator"),
        ("ProtectSystem", "strict"),
        ("ProtectHome", "yes"),
        ("NoNewPrivileges", "yes"),
        ("CapabilityBoundingSet", ""),
        ("StateDirectory", "aggregator"),
        ("ReadWritePaths", "-/etc/aggregator/sources.d"),
        ("RestrictAddressFamilies", "AF_INET AF_INET6 AF_UNIX"),
        ("SystemCallFilter", "@system-service ~@privileged"),
        ("MemoryMax", "1G"),
    ],
)
def test_a_unit_keeps_the_daemon_small(unit, key, value):
    assert key in dict(settings(unit))
    assert setting(unit, key) == value


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
@each_unit
def test_systemd_understands_a_unit_and_finds_it_little_exposed(unit, tmp_path):
    there = tmp_path / unit.name.replace("@.", "@poll.")
    program = setting(unit, "ExecStart").split()[0]  # is not installed where tests run
    there.write_text(unit.read_text("utf-8").replace(program, sys.executable), "utf-8")
    said = subprocess.run(["systemd-analyze", "verify", there], capture_output=True, text=True, check=False)
    assert there.name not in said.stderr, said.stderr  # other units of this machine may have their own faults
    exposed = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=15", there],
        capture_output=True,
        text=True,
        check=False,
    )
    if "unrecognized option" in exposed.stderr:
        pytest.skip("this systemd cannot judge a unit that is not loaded")
    assert exposed.returncode == 0, exposed.stdout[-300:]


def test_the_wheel_holds_everything_that_the_code_reads_and_nothing_else(tmp_path):
    pytest.importorskip("build", reason="build is not installed")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path, ROOT],
        capture_output=True,
        check=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        inside = {name for name in archive.namelist() if ".dist-info/" not in name}
    in_tree = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "aggregator").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert inside == in_tree
    for kind in ("publish/templates/", "serve/templates/", "publish/static/", "store/migrations/versions/"):
        assert any(name.startswith(f"aggregator/{kind}") for name in inside), kind


def test_the_source_distribution_holds_what_make_and_the_tests_need(tmp_path):
    pytest.importorskip("build", reason="build is not installed")
    subprocess.run(
        [sys.executable, "-m", "build", "--sdist", "--no-isolation", "--outdir", tmp_path, ROOT],
        capture_output=True,
        check=True,
    )
    (packed,) = tmp_path.glob("*.tar.gz")
    with tarfile.open(packed) as archive:
        inside = {name.partition("/")[2] for name in archive.getnames()}
    needed = {
        "bench/rounds.py",
        "deploy/aggregator.service",
        "deploy/aggregator@.service",
        "deploy/nginx.conf",
        "docs/print_reference.py",
        "requirements/dev.txt",
    }
    needed |= {"LICENSE", "Makefile", "Dockerfile", ".dockerignore", "docker-compose.yml", "tests/conftest.py"}
    assert needed <= inside, needed - inside
