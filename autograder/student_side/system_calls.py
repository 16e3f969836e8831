"""The filter of system calls that a kernel runs under, as a program for the operating system's seccomp."""

import errno
import struct

# Refused outright: they reach other processes, other namespaces, memory that no limit counts, or parts of the operating system
# that no lesson needs.
_REFUSED = {
    "x86_64": {
        "shmget": 29, "semget": 64, "msgget": 68, "ptrace": 101, "syslog": 103, "pivot_root": 155, "chroot": 161, "mount": 165,
        "umount2": 166, "reboot": 169, "init_module": 175, "mq_open": 240, "kexec_load": 246, "add_key": 248, "request_key": 249,
        "keyctl": 250, "unshare": 272, "perf_event_open": 298, "fanotify_init": 300, "name_to_handle_at": 303,
        "open_by_handle_at": 304, "setns": 308, "process_vm_readv": 310, "process_vm_writev": 311, "finit_module": 313,
        "memfd_create": 319, "kexec_file_load": 320, "bpf": 321, "userfaultfd": 323, "io_uring_setup": 425, "io_uring_enter": 426,
        "io_uring_register": 427, "open_tree": 428, "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432,
        "fspick": 433, "pidfd_getfd": 438, "mount_setattr": 442, "memfd_secret": 447, "open_tree_attr": 467,
    },
    "aarch64": {
        "umount2": 39, "mount": 40, "pivot_root": 41, "chroot": 51, "unshare": 97, "kexec_load": 104, "init_module": 105,
        "syslog": 116, "ptrace": 117, "reboot": 142, "mq_open": 180, "msgget": 186, "semget": 190, "shmget": 194, "add_key": 217,
        "request_key": 218, "keyctl": 219, "perf_event_open": 241, "fanotify_init": 262, "name_to_handle_at": 264,
        "open_by_handle_at": 265, "setns": 268, "process_vm_readv": 270, "process_vm_writev": 271, "finit_module": 273,
        "memfd_create": 279, "bpf": 280, "userfaultfd": 282, "kexec_file_load": 294, "io_uring_setup": 425, "io_uring_enter": 426,
        "io_uring_register": 427, "open_tree": 428, "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432,
        "fspick": 433, "pidfd_getfd": 438, "mount_setattr": 442, "memfd_secret": 447, "open_tree_attr": 467,
    },
}  # fmt: skip
_ARCHITECTURE = {
    "x86_64": (0xC000003E, {"clone": 56, "socket": 41, "socketpair": 53, "mmap": 9}),
    "aarch64": (0xC00000B7, {"clone": 220, "socket": 198, "socketpair": 199, "mmap": 222}),
}
_CLONE3 = 435
NEW_NAMESPACES = 0x7E020000  # every CLONE_NEW* flag of clone: mount, cgroup, uts, ipc, user, pid, net
SHARED_ANONYMOUS = 0x21  # MAP_SHARED | MAP_ANONYMOUS: memory that RLIMIT_DATA does not count
FAMILIES = (1, 2, 10, 16)  # Unix, IPv4, IPv6, netlink: all of them end at the namespace's walls; vsock would not
NO_NETWORK = (1, 16)
ALLOW, KILL, ERROR = 0x7FFF0000, 0x80000000, 0x00050000
_LOAD, _AND, _EQUAL, _ANY_BIT, _AT_LEAST, _RETURN = 0x20, 0x54, 0x15, 0x45, 0x35, 0x06
_NUMBER, _MACHINE, _FIRST, _FOURTH = 0, 4, 16, 40  # places in what the program reads: the call's number, its arguments


def seccomp_program(machine: str, families: tuple[int, ...] = FAMILIES) -> bytes:
    """The filter as the operating system reads it (struct sock_filter): refuse what is listed, allow the rest.

    families: the kinds of sockets that may be made.
    """
    code, special = _ARCHITECTURE[machine]
    lines = [(_LOAD, 0, 0, _MACHINE), (_EQUAL, 1, 0, code), (_RETURN, 0, 0, KILL), (_LOAD, 0, 0, _NUMBER)]
    if machine == "x86_64":  # the x32 numbers would go round the list
        lines += [(_AT_LEAST, 0, 1, 0x40000000), _refuse(errno.ENOSYS)]
    for number in _REFUSED[machine].values():
        lines += [(_EQUAL, 0, 1, number), _refuse(errno.EPERM)]
    # clone3 hides its flags behind a pointer; told that it does not exist, the C library uses clone.
    lines += [(_EQUAL, 0, 1, _CLONE3), _refuse(errno.ENOSYS)]
    lines += [(_EQUAL, 0, 4, special["clone"]), (_LOAD, 0, 0, _FIRST), (_ANY_BIT, 0, 1, NEW_NAMESPACES)]
    lines += [_refuse(errno.EPERM), (_RETURN, 0, 0, ALLOW)]
    lines += [(_EQUAL, 0, 5, special["mmap"]), (_LOAD, 0, 0, _FOURTH), (_AND, 0, 0, SHARED_ANONYMOUS)]
    lines += [(_EQUAL, 0, 1, SHARED_ANONYMOUS), _refuse(errno.ENOMEM), (_RETURN, 0, 0, ALLOW)]
    lines += [(_EQUAL, 1, 0, special["socket"]), (_EQUAL, 0, len(families) + 2, special["socketpair"]), (_LOAD, 0, 0, _FIRST)]
    for place, family in enumerate(families):
        lines += [(_EQUAL, len(families) - place, 0, family)]
    lines += [_refuse(errno.EAFNOSUPPORT), (_RETURN, 0, 0, ALLOW)]
    return b"".join(struct.pack("=HBBI", *line) for line in lines)


def _refuse(error: int) -> tuple[int, int, int, int]:
    return _RETURN, 0, 0, ERROR | error
