//! Calls of the system that a service may make (seccomp): an allow-list after that of container
//! run times (Docker's default profile of 2024, without what needs a capability), and a shorter
//! list that ends the process: what only an attack or an administrator asks for.

use crate::launch::Network;
use libc as c;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch,
};
use std::collections::BTreeMap;

/// Calls after which the process is ended and reported.
const FATAL: &[c::c_long] = &[
    c::SYS_ptrace,
    c::SYS_process_vm_readv,
    c::SYS_process_vm_writev,
    c::SYS_kexec_load,
    c::SYS_init_module,
    c::SYS_finit_module,
    c::SYS_delete_module,
    c::SYS_reboot,
    c::SYS_mount,
    c::SYS_umount2,
    c::SYS_pivot_root,
    c::SYS_setns,
    c::SYS_swapon,
    c::SYS_swapoff,
    c::SYS_bpf,
    c::SYS_perf_event_open,
];

#[rustfmt::skip]
const ALLOWED: &[c::c_long] = &[
    // files
    c::SYS_read, c::SYS_write, c::SYS_close, c::SYS_fstat, c::SYS_lseek, c::SYS_pread64,
    c::SYS_pwrite64, c::SYS_readv, c::SYS_writev, c::SYS_preadv, c::SYS_pwritev, c::SYS_preadv2,
    c::SYS_pwritev2, c::SYS_openat, c::SYS_openat2, c::SYS_close_range, c::SYS_faccessat,
    c::SYS_faccessat2, c::SYS_newfstatat, c::SYS_statx, c::SYS_statfs, c::SYS_fstatfs,
    c::SYS_getdents64, c::SYS_getcwd, c::SYS_chdir, c::SYS_fchdir, c::SYS_mkdirat, c::SYS_mknodat,
    c::SYS_unlinkat, c::SYS_renameat, c::SYS_renameat2, c::SYS_linkat, c::SYS_symlinkat,
    c::SYS_readlinkat, c::SYS_fchmod, c::SYS_fchmodat, c::SYS_fchown, c::SYS_fchownat,
    c::SYS_truncate, c::SYS_ftruncate, c::SYS_fallocate, c::SYS_fsync, c::SYS_fdatasync,
    c::SYS_sync, c::SYS_syncfs, c::SYS_sync_file_range, c::SYS_fadvise64, c::SYS_utimensat,
    c::SYS_umask, c::SYS_flock, c::SYS_fcntl, c::SYS_ioctl, c::SYS_dup, c::SYS_dup3, c::SYS_pipe2,
    c::SYS_sendfile, c::SYS_splice, c::SYS_tee, c::SYS_vmsplice, c::SYS_copy_file_range,
    c::SYS_readahead, c::SYS_memfd_create, c::SYS_getxattr, c::SYS_lgetxattr, c::SYS_fgetxattr,
    c::SYS_listxattr, c::SYS_llistxattr, c::SYS_flistxattr, c::SYS_setxattr, c::SYS_lsetxattr,
    c::SYS_fsetxattr, c::SYS_removexattr, c::SYS_lremovexattr, c::SYS_fremovexattr,
    c::SYS_inotify_init1, c::SYS_inotify_add_watch, c::SYS_inotify_rm_watch, c::SYS_mq_open,
    c::SYS_mq_unlink, c::SYS_mq_timedsend, c::SYS_mq_timedreceive, c::SYS_mq_notify,
    c::SYS_mq_getsetattr, c::SYS_io_setup, c::SYS_io_destroy, c::SYS_io_submit, c::SYS_io_cancel,
    c::SYS_io_getevents,
    // waiting
    c::SYS_ppoll, c::SYS_pselect6, c::SYS_epoll_create1, c::SYS_epoll_ctl, c::SYS_epoll_pwait,
    c::SYS_epoll_pwait2, c::SYS_eventfd2, c::SYS_signalfd4, c::SYS_timerfd_create,
    c::SYS_timerfd_settime, c::SYS_timerfd_gettime, c::SYS_futex, c::SYS_futex_waitv,
    c::SYS_set_robust_list, c::SYS_get_robust_list, c::SYS_nanosleep, c::SYS_clock_nanosleep,
    c::SYS_clock_gettime, c::SYS_clock_getres, c::SYS_gettimeofday, c::SYS_timer_create,
    c::SYS_timer_settime, c::SYS_timer_gettime, c::SYS_timer_getoverrun, c::SYS_timer_delete,
    c::SYS_getitimer, c::SYS_setitimer, c::SYS_restart_syscall,
    // memory
    c::SYS_brk, c::SYS_mmap, c::SYS_munmap, c::SYS_mprotect, c::SYS_mremap, c::SYS_madvise,
    c::SYS_msync, c::SYS_mincore, c::SYS_mlock, c::SYS_mlock2, c::SYS_munlock, c::SYS_mlockall,
    c::SYS_munlockall, c::SYS_membarrier, c::SYS_shmget, c::SYS_shmat, c::SYS_shmdt,
    c::SYS_shmctl, c::SYS_semget, c::SYS_semop, c::SYS_semtimedop, c::SYS_semctl, c::SYS_msgget,
    c::SYS_msgsnd, c::SYS_msgrcv, c::SYS_msgctl, c::SYS_rseq, c::SYS_pkey_alloc, c::SYS_pkey_free,
    c::SYS_pkey_mprotect,
    // processes
    c::SYS_clone, c::SYS_clone3, c::SYS_execve, c::SYS_execveat, c::SYS_exit, c::SYS_exit_group,
    c::SYS_wait4, c::SYS_waitid, c::SYS_kill, c::SYS_tkill, c::SYS_tgkill, c::SYS_pidfd_open,
    c::SYS_pidfd_send_signal, c::SYS_rt_sigaction, c::SYS_rt_sigprocmask, c::SYS_rt_sigreturn,
    c::SYS_rt_sigsuspend, c::SYS_rt_sigpending, c::SYS_rt_sigtimedwait, c::SYS_rt_sigqueueinfo,
    c::SYS_rt_tgsigqueueinfo, c::SYS_sigaltstack, c::SYS_getpid, c::SYS_getppid, c::SYS_gettid,
    c::SYS_getpgid, c::SYS_setpgid, c::SYS_getsid, c::SYS_setsid, c::SYS_getuid, c::SYS_geteuid,
    c::SYS_getgid, c::SYS_getegid, c::SYS_getresuid, c::SYS_getresgid, c::SYS_getgroups,
    c::SYS_setuid, c::SYS_setgid, c::SYS_setreuid, c::SYS_setregid, c::SYS_setresuid,
    c::SYS_setresgid, c::SYS_setgroups, c::SYS_setfsuid, c::SYS_setfsgid, c::SYS_capget,
    c::SYS_capset, c::SYS_prctl, c::SYS_seccomp, c::SYS_landlock_create_ruleset,
    c::SYS_landlock_add_rule, c::SYS_landlock_restrict_self, c::SYS_getrusage, c::SYS_getrlimit,
    c::SYS_setrlimit, c::SYS_prlimit64, c::SYS_getpriority, c::SYS_setpriority, c::SYS_ioprio_get,
    c::SYS_ioprio_set, c::SYS_sched_yield, c::SYS_sched_getaffinity, c::SYS_sched_setaffinity,
    c::SYS_sched_getparam, c::SYS_sched_setparam, c::SYS_sched_getscheduler,
    c::SYS_sched_setscheduler, c::SYS_sched_getattr, c::SYS_sched_setattr,
    c::SYS_sched_get_priority_max, c::SYS_sched_get_priority_min, c::SYS_sched_rr_get_interval,
    c::SYS_set_tid_address, c::SYS_getcpu, c::SYS_uname, c::SYS_sysinfo, c::SYS_times,
    c::SYS_getrandom,
    // the network
    c::SYS_socket, c::SYS_socketpair, c::SYS_bind, c::SYS_listen, c::SYS_accept, c::SYS_accept4,
    c::SYS_connect, c::SYS_getsockname, c::SYS_getpeername, c::SYS_sendto, c::SYS_recvfrom,
    c::SYS_sendmsg, c::SYS_recvmsg, c::SYS_sendmmsg, c::SYS_recvmmsg, c::SYS_setsockopt,
    c::SYS_getsockopt, c::SYS_shutdown,
];

/// Older forms of the above, which x86-64 has beside them.
#[cfg(target_arch = "x86_64")]
#[rustfmt::skip]
const OLDER: &[c::c_long] = &[
    c::SYS_open, c::SYS_creat, c::SYS_stat, c::SYS_lstat, c::SYS_access, c::SYS_pipe, c::SYS_dup2,
    c::SYS_poll, c::SYS_select, c::SYS_epoll_create, c::SYS_epoll_wait, c::SYS_eventfd,
    c::SYS_signalfd, c::SYS_inotify_init, c::SYS_getdents, c::SYS_mkdir, c::SYS_rmdir,
    c::SYS_unlink, c::SYS_rename, c::SYS_link, c::SYS_symlink, c::SYS_readlink, c::SYS_chmod,
    c::SYS_chown, c::SYS_lchown, c::SYS_mknod, c::SYS_utime, c::SYS_utimes, c::SYS_futimesat,
    c::SYS_time, c::SYS_alarm, c::SYS_pause, c::SYS_fork, c::SYS_vfork, c::SYS_getpgrp,
    c::SYS_arch_prctl,
];
#[cfg(not(target_arch = "x86_64"))]
const OLDER: &[c::c_long] = &[];

/// Restricts this thread, and what it becomes, for good.
pub fn restrict(network: &Network) -> Result<(), String> {
    let said = |error: &dyn std::fmt::Display| format!("calls of the system: {error}");
    let arch = TargetArch::try_from(std::env::consts::ARCH).map_err(|e| said(&e))?;
    let mut allowed: BTreeMap<i64, Vec<SeccompRule>> =
        ALLOWED.iter().chain(OLDER).map(|call| (*call, Vec::new())).collect();
    if let Network::Only { .. } = network {
        // Ports bound what TCP does; other families and datagrams have no such rule.
        allowed.insert(c::SYS_socket, streams_only().map_err(|e| said(&e))?);
    }
    let refused = SeccompAction::Errno(c::EPERM as u32);
    apply(allowed, refused, SeccompAction::Allow, arch)?;
    let fatal = FATAL.iter().map(|call| (*call, Vec::new())).collect();
    apply(fatal, SeccompAction::Allow, SeccompAction::KillProcess, arch)
}

fn apply(
    rules: BTreeMap<i64, Vec<SeccompRule>>,
    otherwise: SeccompAction,
    matched: SeccompAction,
    arch: TargetArch,
) -> Result<(), String> {
    let said = |error: &dyn std::fmt::Display| format!("calls of the system: {error}");
    let filter = SeccompFilter::new(rules, otherwise, matched, arch).map_err(|e| said(&e))?;
    let program = BpfProgram::try_from(filter).map_err(|e| said(&e))?;
    seccompiler::apply_filter(&program).map_err(|e| said(&e))
}

/// `socket` for streams of IP, or of this machine's own kind.
fn streams_only() -> Result<Vec<SeccompRule>, seccompiler::BackendError> {
    const KIND: u64 = 0xf;
    let is = |argument, mask, value| {
        let compare = SeccompCmpOp::MaskedEq(mask);
        SeccompCondition::new(argument, SeccompCmpArgLen::Dword, compare, value)
    };
    let stream = c::SOCK_STREAM as u64;
    let mut rules = Vec::new();
    for family in [c::AF_INET, c::AF_INET6] {
        let family = is(0, u64::from(u32::MAX), family as u64)?;
        rules.push(SeccompRule::new(vec![family, is(1, KIND, stream)?])?);
    }
    rules.push(SeccompRule::new(vec![is(0, u64::from(u32::MAX), c::AF_UNIX as u64)?])?);
    Ok(rules)
}
