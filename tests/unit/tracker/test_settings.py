import stat
from pathlib import Path

import pytest

from tracker.errors import SettingsError
from tracker.settings import PREFIX, Settings, example_file, load, rows, secret

EXAMPLE = Path(__file__).parents[3] / "keepclear.env.example"


def test_nothing_given_means_the_documented_defaults():
    assert load({}) == Settings()
    assert (load({}).standoff_m, load({}).warning_m) == (200.0, 100.0)


def test_the_process_environment_is_not_read_behind_the_callers_back(monkeypatch):
    monkeypatch.setenv("KEEPCLEAR_HTTP_PORT", "1")
    assert Settings().http_port == load({}).http_port == 8080


@pytest.mark.parametrize(
    ("variable", "given", "attribute", "value"),
    [
        ("KEEPCLEAR_HTTP_PORT", "8443", "http_port", 8443),
        ("KEEPCLEAR_BATCH_MAX_WAIT_MS", "2.5", "batch_max_wait_ms", 2.5),
        ("KEEPCLEAR_OWNTRACKS_PLAIN_TOPICS", "false", "owntracks_plain_topics", False),
        ("KEEPCLEAR_VAR_DIR", "/srv/kc", "var_dir", Path("/srv/kc")),
        ("KEEPCLEAR_DATABASE_URL", "", "database_url", None),
    ],
)
def test_a_value_is_read_as_its_type_and_an_empty_one_as_not_given(variable, given, attribute, value):
    assert getattr(load({variable: given}), attribute) == value


def test_the_environment_wins_over_the_file(tmp_path):
    file = tmp_path / ".env"
    file.write_text("KEEPCLEAR_HTTP_PORT=1111\nKEEPCLEAR_WORKERS=3\nOTHER=x\n")
    settings = load({"KEEPCLEAR_HTTP_PORT": "2222"}, file)
    assert (settings.http_port, settings.workers) == (2222, 3)


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("KEEPCLEAR_HTP_PORT", "8080", "There is no setting KEEPCLEAR_HTP_PORT"),
        ("KEEPCLEAR_HTTP_PORT", "http", "KEEPCLEAR_HTTP_PORT is wrong"),
        ("KEEPCLEAR_HTTP_PORT", "65536", "KEEPCLEAR_HTTP_PORT is wrong"),
        ("KEEPCLEAR_STANDOFF_M", "-1", "KEEPCLEAR_STANDOFF_M is wrong"),
        ("KEEPCLEAR_STANDOFF_M", "nan", "KEEPCLEAR_STANDOFF_M is wrong"),
        ("KEEPCLEAR_LATE_LIMIT_H", "inf", "KEEPCLEAR_LATE_LIMIT_H is wrong"),
        ("KEEPCLEAR_LANGUAGE", "fr", "KEEPCLEAR_LANGUAGE is wrong"),
        ("KEEPCLEAR_MQTT_TLS_KEY", "key.pem", "KEEPCLEAR_MQTT_TLS_CERT and KEEPCLEAR_MQTT_TLS_KEY"),
    ],
)
def test_a_wrong_setting_is_refused_with_what_to_do(variable, value, said):
    with pytest.raises(SettingsError, match=said) as caught:
        load({variable: value})
    assert caught.value.do


OPENID = {
    "KEEPCLEAR_OIDC_ISSUER": "https://id.example.org/realm",
    "KEEPCLEAR_OIDC_CLIENT_ID": "keepclear",
    "KEEPCLEAR_PUBLIC_URL": "https://keepclear.example.org",
}


def test_an_openid_provider_is_taken_with_all_that_it_needs():
    assert load(OPENID).oidc_issuer == "https://id.example.org/realm"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"KEEPCLEAR_OIDC_CLIENT_ID": ""}, "needs KEEPCLEAR_OIDC_CLIENT_ID"),
        ({"KEEPCLEAR_PUBLIC_URL": ""}, "needs KEEPCLEAR_PUBLIC_URL"),
        ({"KEEPCLEAR_OIDC_ISSUER": "http://id.example.org"}, "does not begin with https"),
        ({"KEEPCLEAR_OIDC_ISSUER": "http://localhost.evil.example"}, "does not begin with https"),
    ],
)
def test_an_openid_provider_that_cannot_be_trusted_is_refused(changed, said):
    with pytest.raises(SettingsError, match=said):
        load(OPENID | changed)


def test_passwords_are_hidden_from_people():
    given = {
        "KEEPCLEAR_DATABASE_URL": "postgresql://kc:p%40ss@db/kc",
        "KEEPCLEAR_MQTT_URL": "mqtt://kc:hunter2@broker:1883",
    }
    shown = {row.variable: row.value for row in rows(load(given))}
    assert shown["KEEPCLEAR_DATABASE_URL"] == "postgresql://kc:***@db/kc"
    assert shown["KEEPCLEAR_MQTT_URL"] == "mqtt://kc:***@broker:1883"


def test_every_setting_is_described():
    described = [row for row in rows(Settings()) if row.description.endswith((".", "]"))]
    assert [row.variable for row in described] == [PREFIX + name.upper() for name in Settings.model_fields]


def test_the_example_file_is_what_the_settings_say():
    assert EXAMPLE.read_text() == example_file(), "write it anew with tracker.settings.example_file()"


def test_the_example_file_uncommented_gives_the_defaults(tmp_path):
    lines = example_file().splitlines()
    file = tmp_path / ".env"
    file.write_text("\n".join(line[1:] for line in lines if line.startswith(f"#{PREFIX}")))
    assert load({}, file) == Settings()


def test_a_secret_is_made_once_and_only_its_owner_reads_it(tmp_path):
    first = secret(tmp_path, "session")
    assert secret(tmp_path, "session") == first
    assert secret(tmp_path, "other") != first
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "secrets", tmp_path / "secrets" / "session")]
    assert modes == [0o700, 0o600]


def test_importing_and_loading_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    load({})
    assert list(tmp_path.iterdir()) == []
