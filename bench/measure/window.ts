import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import type { MailServer } from '../server/mail-server.ts'

export type Window<T> = {
  readonly result: T
  readonly milliseconds: number
  readonly serverCpuSeconds: number
  /** CPU of the load generator itself, which shares the cores with the server. */
  readonly clientCpuSeconds: number
  /** Cores kept busy by anything that is neither the server nor the load generator. */
  readonly neighbourCores: number
}

export async function measured<T>(server: MailServer, work: () => Promise<T>): Promise<Window<T>> {
  const { processes } = server
  const before = { host: hostBusySeconds(), server: processes.cpuSeconds(), client: process.cpuUsage() }
  const startedAt = performance.now()
  const result = await work()
  const milliseconds = performance.now() - startedAt
  // after a restart everything the new processes used counts
  const restarted = server.processes !== processes
  const serverCpuSeconds = server.processes.cpuSeconds() - (restarted ? 0 : before.server)
  const client = process.cpuUsage(before.client)
  const clientCpuSeconds = (client.user + client.system) / 1e6
  const others = hostBusySeconds() - before.host - serverCpuSeconds - clientCpuSeconds
  const neighbourCores = Math.max(0, others) / (milliseconds / 1000)
  return { result, milliseconds, serverCpuSeconds, clientCpuSeconds, neighbourCores }
}

/** Waits until the machine is calm (less than 0.4 cores busy over 300 ms), at most `patienceMs`. */
export async function calm(patienceMs: number): Promise<void> {
  const giveUpAt = performance.now() + patienceMs
  while (performance.now() < giveUpAt) {
    const [busy, at] = [hostBusySeconds(), performance.now()]
    await pause(300)
    if ((hostBusySeconds() - busy) / ((performance.now() - at) / 1000) < 0.4) return
  }
}

/** user, nice, system, irq and softirq of all cores; idle, iowait and steal are not work. */
function hostBusySeconds(): number {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = readFileSync('/proc/stat', 'utf8')
    .split('\n', 1)
    .join('')
    .split(/\s+/)
    .slice(1)
    .map(Number)
  return (user + nice + system + irq + softirq) / 100
}
