import { readdirSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { Counter, Gauge, type Registry } from 'prom-client'
import { openFilesLimit } from './files.ts'

/** Read when they are asked for. prom-client's own set keeps a timer and an observer of garbage collection running. */
const measures: Readonly<Record<string, { readonly help: string; readonly read: () => number }>> = {
  process_start_time_seconds: {
    help: 'When the process started, Unix time',
    read: () => performance.timeOrigin / 1000,
  },
  process_resident_memory_bytes: { help: 'Memory in use', read: () => process.memoryUsage.rss() },
  process_open_fds: { help: 'Open files and sockets', read: openFiles },
  process_max_fds: { help: 'How many may be open', read: () => openFilesLimit() ?? Number.NaN },
  nodejs_heap_size_used_bytes: { help: 'JavaScript objects', read: () => process.memoryUsage().heapUsed },
  nodejs_external_memory_bytes: { help: 'Memory of buffers', read: () => process.memoryUsage().external },
  nodejs_eventloop_utilization: {
    help: 'Share of time since the start that the main thread was busy, 0 to 1',
    read: () => performance.eventLoopUtilization().utilization,
  },
}

/** The names are those every Prometheus dashboard knows. */
export function measureProcess(registry: Registry): void {
  const registers = [registry]
  for (const [name, { help, read }] of Object.entries(measures)) {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read())
      },
    })
  }
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'CPU time of all threads',
    registers,
    collect() {
      const { user, system } = process.cpuUsage()
      this.reset()
      this.inc((user + system) / 1e6)
    },
  })
}

function openFiles(): number {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return Number.NaN // no such folder on this system
  }
}
