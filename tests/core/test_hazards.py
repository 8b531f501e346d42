"""Names that do more than hold a setting."""

from __future__ import annotations

import pytest

from ssmm_core.hazards import is_protocol, is_steering


@pytest.mark.parametrize(
    "name",
    ["LD_PRELOAD", "LD_LIBRARY_PATH", "GLIBC_TUNABLES", "LD_AUDIT", "BASH_ENV", "ENV", "ZDOTDIR", "IFS", "PS4", "NOTIFY_SOCKET",
     "LISTEN_FDS", "LISTEN_PID", "WATCHDOG_USEC", "CREDENTIALS_DIRECTORY", "INVOCATION_ID", "SYSTEMD_EXEC_PID",
     "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "_"],
)  # fmt: skip
def test_what_belongs_to_loader_shell_or_systemd(name: str) -> None:
    assert is_protocol(name)
    assert not is_steering(name)


@pytest.mark.parametrize(
    "name",
    ["PYTHONPATH", "PYTHONSTARTUP", "NODE_OPTIONS", "JAVA_TOOL_OPTIONS", "PERL5LIB", "RUBYOPT", "HTTPS_PROXY", "https_proxy",
     "NO_PROXY", "CGI_HTTP_PROXY", "PATH", "HOME", "TAR_OPTIONS", "MAKEFLAGS", "NPM_CONFIG_SCRIPT_SHELL", "GIT_EXTERNAL_DIFF",
     "SSLKEYLOGFILE", "NODE_TLS_REJECT_UNAUTHORIZED", "SSMM_LAUNCH", "PYTHON_GIL", "TMPDIR", "SSL_CERT_FILE",
     "AWS_ENDPOINT_URL_SSM", "AWS_CA_BUNDLE", "GIT_SSH_COMMAND", "XDG_CONFIG_HOME"],
)  # fmt: skip
def test_what_steers_a_program(name: str) -> None:
    assert is_steering(name)
    assert not is_protocol(name)


@pytest.mark.parametrize(
    "name",
    ["TOKEN", "LD", "LD_SDK_KEY", "TRUST_PROXY", "PYTHON_SERVICE_URL", "GIT_TOKEN", "PYTHON", "OLD_PRELOAD", "LISTEN_ADDR",
     "WATCHDOG_INTERVAL", "MONITOR_URL", "ENVIRONMENT", "PROXY_HOST", "AWS_REGION", "DB_PATH", "NODE_ENV", "LOG_LEVEL",
     "TRIGGER_TOKEN"],
)  # fmt: skip
def test_ordinary_settings(name: str) -> None:
    assert not is_protocol(name)
    assert not is_steering(name)
