"""Variables that do more than hold a setting: whoever may write one parameter could stop or steer a program by their names.

Two kinds. *Protocol* variables belong to the loader, the shell or systemd itself: no parameter sets them unless a person allows it by name.
*Steering* variables choose what an interpreter loads, where connections go and where files lie: an app may set its own, but what many
apps share must not reach into all of them. Names from ld.so(8), sh(1), systemd.exec(5) (*Environment Variables Set on the Service Process*)
and the interpreters' manuals.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_PROTOCOL: Final = frozenset(
    {
        # the loader and the C library
        "GCONV_PATH", "GLIBC_TUNABLES", "LOCPATH", "NLSPATH",
        # the shell
        "BASHOPTS", "BASH_ENV", "CDPATH", "ENV", "EUID", "IFS", "PPID", "PROMPT_COMMAND", "PS4", "SHELLOPTS", "UID", "_",
        # systemd; LISTEN_ADDR, MONITOR_URL and the like are ordinary settings, so these are no beginnings of names
        "CACHE_DIRECTORY", "CONFIGURATION_DIRECTORY", "CREDENTIALS_DIRECTORY", "EXIT_CODE", "EXIT_STATUS", "FDSTORE",
        "INVOCATION_ID", "JOURNAL_STREAM", "LISTEN_FDNAMES", "LISTEN_FDS", "LISTEN_PID", "LISTEN_PIDFDID", "LOGS_DIRECTORY",
        "LOG_NAMESPACE", "MAINPID", "MAINPIDFDID", "MANAGERPID", "MANAGERPIDFDID", "MEMORY_PRESSURE_WATCH", "MEMORY_PRESSURE_WRITE",
        "MONITOR_EXIT_CODE", "MONITOR_EXIT_STATUS", "MONITOR_INVOCATION_ID", "MONITOR_SERVICE_RESULT", "MONITOR_UNIT",
        "NOTIFY_SOCKET", "PIDFILE", "REMOTE_ADDR", "REMOTE_PORT", "RUNTIME_DIRECTORY", "SERVICE_RESULT", "STATE_DIRECTORY",
        "TRIGGER_PATH", "TRIGGER_TIMER_MONOTONIC_USEC", "TRIGGER_TIMER_REALTIME_USEC", "TRIGGER_UNIT", "WATCHDOG_PID",
        "WATCHDOG_USEC", "XDG_RUNTIME_DIR",
    }
)  # fmt: skip
_PROTOCOL_STARTS: Final = ("LD_", "BASH_FUNC_", "SYSTEMD_", "DBUS_")

_STEERING: Final = frozenset(
    {
        # interpreters
        "CLASSPATH", "DOTNET_STARTUP_HOOKS", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "NODE_OPTIONS", "NODE_PATH", "PERLLIB",
        "PHPRC", "PHP_INI_SCAN_DIR", "RUBYLIB", "RUBYOPT", "_JAVA_OPTIONS",
        # who is trusted, and where connections go
        "AWS_CA_BUNDLE", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "CURL_CA_BUNDLE", "HOSTALIASES", "LOCALDOMAIN",
        "NODE_EXTRA_CA_CERTS", "OPENSSL_CONF", "OPENSSL_MODULES", "REQUESTS_CA_BUNDLE", "RES_OPTIONS",
        # places
        "HOME", "LOGNAME", "PATH", "SHELL", "TEMP", "TMP", "TMPDIR", "USER",
    }
)  # fmt: skip
_STEERING_STARTS: Final = ("PYTHON", "PERL5", "GIT_SSH", "SSL_CERT_", "XDG_", "AWS_ENDPOINT_URL", "MALLOC_")


def is_protocol(name: str) -> bool:
    """Whether the variable `name` belongs to the loader, a shell or systemd (`LD_PRELOAD`, `BASH_ENV`, `NOTIFY_SOCKET`)."""
    return name in _PROTOCOL or name.startswith(_PROTOCOL_STARTS)


def is_steering(name: str) -> bool:
    """Whether the variable `name` is an interpreter's, a proxy or a place (`PYTHONPATH`, `HTTPS_PROXY`, `PATH`)."""
    return name in _STEERING or name.upper().endswith("_PROXY") or (name.startswith(_STEERING_STARTS) and not is_protocol(name))
