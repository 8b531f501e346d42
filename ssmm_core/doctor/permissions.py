"""Which rights on AWS which commands need: the table of the README, for looking at it."""

from __future__ import annotations

from ssmm_core.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final


class Permission(Record):
    """An IAM action. `needed` are the commands that do not work without it, `better` those that show or check less then.

    `delivers` says that no service gets its parameters without it. `writes` says that only a write would tell whether it is granted.
    """

    action: str
    needed: tuple[str, ...] = ()
    better: tuple[str, ...] = ()
    delivers: bool = False
    writes: bool = False

    @property
    def use(self) -> str:
        """What it is for, as a sentence."""
        needed = f"needed by {', '.join(self.needed)}" if self.needed else ""
        better = f"better with it: {', '.join(self.better)}" if self.better else ""
        return "; ".join(part for part in (needed, better) if part)


_STORES: Final = ("put", "onboard", "restore", "migrate")

PERMISSIONS: Final = (
    Permission(
        "ssm:GetParametersByPath", ("sync", "exec", "why", "list", "dirs", "check", "delete -r", "migrate"), ("tag --match",), delivers=True
    ),
    Permission(
        "kms:Decrypt", ("sync", "exec", "show", "delete", "migrate"), ("ssmm-tui", "list --reveal", "check --values", *_STORES[:3]), True
    ),
    Permission(
        "ssm:GetParameters",
        ("sync --only", "exec --only", "show", "put", "onboard", "restore", "tag", "delete", "migrate", "--include-tag"),
        ("ssmm-tui",),
    ),
    Permission("ssm:GetParameter", (), ("show --version", "show --label")),
    Permission(
        "ssm:DescribeParameters",
        ("delete", "migrate", "--include-tag"),
        ("ssmm-tui", "list --tag", "show --json", "put", "onboard", "restore"),
    ),
    Permission("ssm:ListTagsForResource", ("tag", "delete", "migrate"), ("ssmm-tui", "show --json", "put", "onboard", "restore")),
    Permission("ssm:GetParameterHistory", ("delete", "migrate --delete-old"), ("ssmm-tui",)),
    Permission("tag:GetResources", (), ("ssmm-tui",)),
    Permission("iam:ListAccountAliases", (), ("ssmm-tui",)),
    Permission("ssm:PutParameter", _STORES, writes=True),
    Permission("ssm:AddTagsToResource", (*_STORES, "tag"), writes=True),
    Permission("ssm:RemoveTagsFromResource", ("tag",), writes=True),
    Permission("ssm:LabelParameterVersion", ("restore",), writes=True),
    Permission("ssm:DeleteParameters", ("delete", "migrate --delete-old"), writes=True),
    Permission("kms:Encrypt", _STORES, writes=True),
    Permission("kms:GenerateDataKey", ("put --advanced",), writes=True),
)
