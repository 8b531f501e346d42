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
        # the loader and the C library; LaunchDarkly's LD_SDK_KEY and the like are ordinary settings, so LD_ is no beginning of names
        "GCONV_PATH", "GLIBC_TUNABLES", "LD_AOUT_LIBRARY_PATH", "LD_AOUT_PRELOAD", "LD_ASSUME_KERNEL", "LD_AUDIT", "LD_BIND_NOT",
        "LD_BIND_NOW", "LD_DEBUG", "LD_DEBUG_OUTPUT", "LD_DYNAMIC_WEAK", "LD_ELF_HINTS_PATH", "LD_HWCAP_MASK", "LD_KEEPDIR",
        "LD_LIBRARY_PATH", "LD_NOWARN", "LD_ORIGIN_PATH", "LD_POINTER_GUARD", "LD_PREFER_MAP_32BIT_EXEC", "LD_PRELOAD", "LD_PROFILE",
        "LD_PROFILE_OUTPUT", "LD_SHOW_AUXV", "LD_TRACE_LOADED_OBJECTS", "LD_TRACE_PRELINKING", "LD_USE_LOAD_BIAS", "LD_VERBOSE",
        "LD_WARN", "LOCPATH", "NLSPATH",
        # the shell
        "BASHOPTS", "BASH_ENV", "BASH_LOADABLES_PATH", "CDPATH", "ENV", "EUID", "IFS", "PPID", "PROMPT_COMMAND", "PS4", "SHELLOPTS",
        "UID", "ZDOTDIR", "_",
        # systemd; LISTEN_ADDR, MONITOR_URL and the like are ordinary settings, too
        "CACHE_DIRECTORY", "CONFIGURATION_DIRECTORY", "CREDENTIALS_DIRECTORY", "EXIT_CODE", "EXIT_STATUS", "FDSTORE", "INVOCATION_ID",
        "JOURNAL_STREAM", "LISTEN_FDNAMES", "LISTEN_FDS", "LISTEN_PID", "LISTEN_PIDFDID", "LOGS_DIRECTORY", "LOG_NAMESPACE", "MAINPID",
        "MAINPIDFDID", "MANAGERPID", "MANAGERPIDFDID", "MEMORY_PRESSURE_WATCH", "MEMORY_PRESSURE_WRITE", "MONITOR_EXIT_CODE",
        "MONITOR_EXIT_STATUS", "MONITOR_INVOCATION_ID", "MONITOR_SERVICE_RESULT", "MONITOR_UNIT", "NOTIFY_SOCKET", "PIDFILE",
        "REMOTE_ADDR", "REMOTE_PORT", "RUNTIME_DIRECTORY", "SERVICE_RESULT", "STATE_DIRECTORY", "TRIGGER_PATH",
        "TRIGGER_TIMER_MONOTONIC_USEC", "TRIGGER_TIMER_REALTIME_USEC", "TRIGGER_UNIT", "WATCHDOG_PID", "WATCHDOG_USEC", "XDG_RUNTIME_DIR",
    }
)  # fmt: skip
_PROTOCOL_STARTS: Final = ("BASH_FUNC_", "SYSTEMD_", "DBUS_")

_STEERING: Final = frozenset(
    {
        # interpreters, and programs that run what a variable says
        "CLASSPATH", "DOTNET_STARTUP_HOOKS", "EDITOR", "ERL_AFLAGS", "ERL_FLAGS", "ERL_LIBS", "ERL_ZFLAGS", "GIT_ASKPASS", "GIT_EDITOR",
        "GIT_EXEC_PATH", "GIT_EXTERNAL_DIFF", "GIT_PAGER", "GIT_PROXY_COMMAND", "GIT_TEMPLATE_DIR", "JAVA_TOOL_OPTIONS",
        "JDK_JAVA_OPTIONS", "LESSOPEN", "LUA_CPATH", "LUA_INIT", "LUA_PATH", "MAKEFLAGS", "NODE_OPTIONS", "NODE_PATH", "PAGER", "PERLLIB",
        "PHPRC", "PHP_INI_SCAN_DIR", "RUBYLIB", "RUBYOPT", "TAR_OPTIONS", "VISUAL", "_JAVA_OPTIONS",
        # who is trusted, and where connections go
        "AWS_CA_BUNDLE", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "CURL_CA_BUNDLE", "HOSTALIASES", "LOCALDOMAIN",
        "NODE_EXTRA_CA_CERTS", "NODE_TLS_REJECT_UNAUTHORIZED", "OPENSSL_CONF", "OPENSSL_ENGINES", "OPENSSL_MODULES", "REQUESTS_CA_BUNDLE",
        "RES_OPTIONS", "SSLKEYLOGFILE",
        # places
        "HOME", "LOGNAME", "PATH", "SHELL", "TEMP", "TMP", "TMPDIR", "USER",
        # CPython's own with an underscore; PYTHON_SERVICE_URL and the like are ordinary settings
        "PYTHON_BASIC_REPL", "PYTHON_COLORS", "PYTHON_CONTEXT_AWARE_WARNINGS", "PYTHON_CPU_COUNT", "PYTHON_DISABLE_REMOTE_DEBUG",
        "PYTHON_FROZEN_MODULES", "PYTHON_GIL", "PYTHON_HISTORY", "PYTHON_JIT", "PYTHON_PERF_JIT_SUPPORT", "PYTHON_PRESITE",
        "PYTHON_THREAD_INHERIT_CONTEXT", "PYTHON_TLBC",
    }
)  # fmt: skip
_STEERING_STARTS: Final = (
    "PERL5", "GIT_CONFIG", "GIT_SSH", "NPM_CONFIG_", "PIP_", "UV_", "BUNDLE_", "SSL_CERT_", "XDG_", "AWS_ENDPOINT_URL", "MALLOC_", "SSMM_",
)  # fmt: skip
_PROXIES: Final = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "FTP_PROXY", "SOCKS_PROXY", "WS_PROXY", "WSS_PROXY", "RSYNC_PROXY")
"""Also behind another word (`CGI_HTTP_PROXY`). TRUST_PROXY and the like are ordinary settings."""


def is_protocol(name: str) -> bool:
    """Whether the variable `name` belongs to the loader, a shell or systemd (`LD_PRELOAD`, `BASH_ENV`, `NOTIFY_SOCKET`)."""
    return name in _PROTOCOL or name.startswith(_PROTOCOL_STARTS)


def is_steering(name: str) -> bool:
    """Whether the variable `name` is an interpreter's, a proxy or a place (`PYTHONPATH`, `HTTPS_PROXY`, `PATH`)."""
    if name in _STEERING or (name.startswith("PYTHON") and name[6:7] not in ("", "_")):
        return True
    if any(name.upper() == proxy or name.upper().endswith(f"_{proxy}") for proxy in _PROXIES):
        return True
    return name.startswith(_STEERING_STARTS) and not is_protocol(name)
