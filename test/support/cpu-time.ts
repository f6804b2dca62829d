/** Milliseconds this thread computed: what else the machine does meanwhile is not in it. */
export const cpuMs = (work: () => unknown): number => timed(work).ms

export function timed<Result>(work: () => Result): { result: Result; ms: number } {
  const before = process.threadCpuUsage()
  const result = work()
  return { result, ms: since(before) }
}

export async function cpuMsOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.threadCpuUsage()
  await work()
  return since(before)
}

function since(before: NodeJS.CpuUsage): number {
  const { user, system } = process.threadCpuUsage(before)
  return (user + system) / 1000
}
