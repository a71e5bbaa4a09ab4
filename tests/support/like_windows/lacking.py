"""What Python has not on Windows, or has in another way, as far as a program may want it."""

from __future__ import annotations

MODULES = ("fcntl", "grp", "pty", "pwd", "readline", "resource", "syslog", "termios", "tty")

OF_OS = (
    *("EX_OK", "O_CLOEXEC", "O_DIRECTORY", "O_NOFOLLOW", "O_NONBLOCK", "O_PATH", "O_SYNC"),
    *("WEXITSTATUS", "WIFSIGNALED", "WNOHANG", "WTERMSIG", "chown", "chroot", "fchdir", "fchmod"),
    *("fchown", "fdatasync", "fork", "forkpty", "getegid", "geteuid", "getgid", "getloadavg"),
    *("getpgid", "getpgrp", "getuid", "killpg", "lchown", "link", "mkfifo", "mknod", "nice"),
    *("openpty", "pipe2", "posix_fadvise", "posix_fallocate", "posix_spawn", "pread", "preadv"),
    *("pwrite", "pwritev", "register_at_fork", "sched_getaffinity", "sched_setaffinity"),
    *("sendfile", "setpgid", "setsid", "statvfs", "sync", "sysconf", "ttyname", "uname", "wait3"),
    *("wait4", "waitid"),
)

OF_SIGNAL = (
    *("SIGALRM", "SIGCHLD", "SIGHUP", "SIGKILL", "SIGPIPE", "SIGQUIT", "SIGSTOP", "SIGTSTP"),
    *("SIGUSR1", "SIGUSR2", "SIGWINCH", "alarm", "pause", "pthread_kill", "pthread_sigmask"),
    *("setitimer", "siginterrupt", "sigpending", "sigtimedwait", "sigwait", "sigwaitinfo"),
)
