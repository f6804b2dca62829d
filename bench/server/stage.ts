import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { BenchOptions } from '../measure/options.ts'
import type { Pair } from '../measure/pairs.ts'
import { printProfiles } from '../measure/profile.ts'
import { startPeer } from '../peer/peer.ts'
import { startHomepost } from './homepost.ts'
import type { MailServer } from './mail-server.ts'

type Stage = {
  readonly start: (spec: string, side: 'a' | 'b') => Promise<MailServer>
  readonly clear: () => Promise<void>
}

/** Starts both sides, runs `act`, and leaves nothing behind: no process, no file, also when it is interrupted. */
export async function onStage(options: BenchOptions, act: (pair: Pair) => Promise<void>): Promise<void> {
  await alone(options, async (start) =>
    act({ a: await start(options.a, 'a'), b: await start(options.b, 'b') }),
  )
}

/** The same for a bench that decides itself when it starts which side. */
async function alone(options: BenchOptions, act: (start: Stage['start']) => Promise<void>): Promise<void> {
  const stage = createStage(options)
  const leave = (code: number): void => {
    void stage.clear().finally(() => process.exit(code))
  }
  const interrupted = (): void => leave(130)
  const broken = (error: Error): void => {
    console.error(error)
    leave(1)
  }
  for (const signal of signals) process.once(signal, interrupted)
  process.once('uncaughtException', broken)
  try {
    await act(stage.start)
  } finally {
    for (const signal of signals) process.removeListener(signal, interrupted)
    process.removeListener('uncaughtException', broken)
    await stage.clear()
  }
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

function createStage({ scratch, profile, tls, relayTo, dns, index = false }: BenchOptions): Stage {
  mkdirSync(scratch, { recursive: true })
  const folder = mkdtempSync(join(scratch, 'homepost-bench-'))
  chmodSync(folder, 0o755) // the peer's daemons run as other users
  const started: MailServer[] = []
  return {
    async start(spec, side) {
      const server = await startServer(spec, side, {
        folder: join(folder, side),
        profile,
        tls,
        relayTo,
        dns,
        index,
      })
      started.push(server)
      return server
    },
    async clear() {
      const servers = started.splice(0)
      await Promise.all(servers.map((server) => server.stop()))
      if (profile !== undefined && servers.length > 0) printProfiles(profile)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

interface Ground {
  readonly folder: string
  readonly profile: string | undefined
  readonly tls: boolean
  readonly relayTo: number | undefined
  readonly dns: number | undefined
  readonly index: boolean
}

/** `peer`, `peer:sign` (nothing of its filter but signing), `homepost`, or `homepost:PATH` for another checkout of it. */
function startServer(
  spec: string,
  side: 'a' | 'b',
  { folder, profile, tls, relayTo, dns, index }: Ground,
): Promise<MailServer> {
  mkdirSync(folder, { recursive: true })
  const [kind, checkout] = spec.split(/:(.*)/s)
  if (kind === 'peer') {
    return startPeer(`peer-${side}`, { folder, tls, relayTo, dns, onlySigns: checkout === 'sign' })
  }
  if (kind !== 'homepost')
    throw new Error(`Unknown server "${spec}": homepost, homepost:PATH, peer or peer:sign`)
  const name = `homepost-${side}`
  return startHomepost(name, {
    folder,
    profile,
    tls,
    relayTo,
    dns,
    index,
    ...(checkout === undefined ? {} : { checkout }),
  })
}
