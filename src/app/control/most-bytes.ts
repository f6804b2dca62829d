/** Longest request that a running server reads at once: the users of a file, or another server's directory. */
export const mostRequestBytes = 64 * 1024 * 1024
