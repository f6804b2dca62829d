import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type Internet, sharedKey, startInternet, type TestResolver } from '../test/support/dns/internet.ts'
import { createProcessGroup } from './measure/process-group.ts'
import { percentile } from './measure/statistics.ts'
import { freePorts } from './server/ports.ts'

const names = 1000
const pairs = 5
const seconds = 2
const load = fileURLToPath(new URL('./load/dns-load.ts', import.meta.url))

/** Look-ups per CPU-second: secure ones over loopback, known ones in the process, known ones over UDP beside unbound. */
export async function run(): Promise<void> {
  const lines = Array.from({ length: names }, (_, at) => `h${at}.plain.test. 3600 A 192.0.2.1`)
  const net = await startInternet({ 'plain.test': { lines, key: sharedKey(13) } })
  try {
    const resolver = await net.resolver({
      serve: { addresses: ['127.0.0.1'], port: 0, allowed: ['127.0.0.1'] },
    })
    const ask = (at: number) => resolver.ask(`h${at % names}.plain.test`)
    say('secure, never asked before, name servers included', await perCpuSecond(names, ask))
    const known = await perCpuSecond(400_000, ask)
    say('known, in the process', known, '(target 300,000)')
    await overUdp(net, resolver)
  } finally {
    await net.stop()
  }
}

function say(what: string, rate: number, more = ''): void {
  console.log(`resolver ${what}: ${Math.round(rate).toLocaleString('en')} a CPU-second ${more}`)
}

const cpuSeconds = () => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}

async function perCpuSecond(count: number, ask: (at: number) => Promise<unknown>): Promise<number> {
  const before = cpuSeconds()
  for (let at = 0; at < count; at++) await ask(at)
  return count / (cpuSeconds() - before)
}

async function overUdp(net: Internet, resolver: TestResolver): Promise<void> {
  const installer = fileURLToPath(new URL('../scripts/install-debian.sh', import.meta.url))
  if (spawnSync(installer, ['unbound'], { stdio: 'inherit' }).status !== 0) return
  const folder = mkdtempSync(join(tmpdir(), 'homepost-resolver-bench-'))
  const peer = createProcessGroup('unbound')
  try {
    const [port = 0] = await freePorts(1)
    writeFileSync(join(folder, 'unbound.conf'), unboundSettings(net, folder, port))
    peer.start(['unbound', '-d', '-c', join(folder, 'unbound.conf')], { logFile: join(folder, 'log') })
    const [a, b]: [number[], number[]] = [[], []]
    for (let pair = 0; pair <= pairs; pair++) {
      const ours = await loaded(resolver.port(), cpuSeconds)
      const theirs = await loaded(port, peer.cpuSeconds)
      if (pair === 0) continue // fills both
      a.push(ours)
      b.push(theirs)
    }
    const ratio = percentile(
      a.map((value, pair) => value / (b[pair] ?? value)),
      50,
    ).toFixed(2)
    say(
      'known, over UDP',
      percentile(a, 50),
      `, unbound ${Math.round(percentile(b, 50)).toLocaleString('en')}, ×${ratio} (target 0.5)`,
    )
  } finally {
    await peer.end()
    rmSync(folder, { recursive: true })
  }
}

async function loaded(port: number, cpu: () => number): Promise<number> {
  const before = cpu()
  const args = [load, ...[port, seconds, names].map(String)]
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 60_000 })
  return Number(stdout) / (cpu() - before)
}

function unboundSettings(net: Internet, folder: string, port: number): string {
  return `server:
  interface: 127.0.0.1
  port: ${port}
  username: ""
  chroot: ""
  directory: "${folder}"
  pidfile: ""
  use-syslog: no
  do-daemonize: no
  do-not-query-localhost: no
  num-threads: 1
  module-config: "iterator"
  local-zone: "test." nodefault
remote-control:
  control-enable: no
stub-zone:
  name: "plain.test"
  stub-addr: ${net.servers.get('plain.test')?.ip}@${net.fleet.port}
  stub-prime: no
`
}
