import { parseNetworks } from '../../lib/networks.ts'
import type { SenderPolicy } from '../../ports/addresses.ts'
import type { ConnectionHandler } from '../../ports/connection.ts'
import type { CredentialVerifier, ScramVerifier } from '../../ports/credentials.ts'
import type { Intake } from '../../ports/intake.ts'
import type { MessageBytes } from '../../ports/message.ts'
import type { OldServers } from '../../ports/old-servers.ts'
import type { OwnLetters } from '../../ports/own-mail.ts'
import type { Clock, Log, Meter, Service } from '../../ports/runtime.ts'
import type { SuccessReports } from '../../ports/success-reports.ts'
import type { OutgoingParts } from './outgoing.ts'
import { type LetterParts, planLetter } from './queue/letter-home.ts'
import type { SuccessParts } from './queue/success.ts'
import { Reception } from './receive.ts'
import { createIds, type Server } from './server.ts'
import { defaultLimits, type SmtpSettings } from './settings.ts'

interface SmtpParts {
  readonly intake: Intake
  readonly bytes: MessageBytes
  readonly credentials: CredentialVerifier
  readonly scram: ScramVerifier
  readonly oldServers: Pick<OldServers, 'enter'>
  readonly senders: SenderPolicy
  readonly clock: Clock
  readonly log: Log
  readonly meter: Meter
  readonly settings: SmtpSettings
}

interface Smtp {
  /** Port 25: mail from other servers, and from networks we trust. */
  readonly arriving: ConnectionHandler
  /** Ports 465 and 587: people who sign in. */
  readonly submission: ConnectionHandler
  /** Local delivery for programs on trusted networks. RFC 2033. */
  readonly lmtp: ConnectionHandler
}

/** SMTP in. RFC 5321, RFC 6409, RFC 2033. */
export function createSmtp(parts: SmtpParts): Smtp {
  const limits = { ...defaultLimits, ...parts.settings.limits }
  const server: Server = {
    ...parts,
    limits,
    trusted: parseNetworks(parts.settings.trustedNetworks).networks,
    binaryBudget: { left: limits.binaryOctets },
    isDraining: false,
    nextId: createIds(parts.clock),
  }
  return {
    arriving: new Reception(server, 'arriving'),
    submission: new Reception(server, 'submission'),
    lmtp: new Reception(server, 'lmtp'),
  }
}

/** Sends what waits in the queue. Nothing of it is loaded before the first message leaves. */
export function createOutgoing(parts: OutgoingParts): Service {
  let loading: Promise<Service> | undefined
  let unwatch: (() => void) | undefined
  let ending = false
  async function load(): Promise<Service> {
    unwatch?.()
    const { buildRunner } = await import('./queue/build.ts')
    const runner = buildRunner(parts)
    if (!ending) await runner.start()
    return runner
  }
  const wake = () => {
    loading ??= load()
    loading.catch((cause: unknown) => parts.log.error('queue.cannot-start', cause))
  }
  return {
    name: 'queue',
    async start() {
      unwatch = parts.queue.watch(wake)
      if ((await parts.queue.nextDue()) !== undefined) wake()
    },
    async drain() {
      ending = true
      unwatch?.()
      await (await loading)?.drain()
    },
    async stop() {
      await (await loading)?.stop()
    },
  }
}

/** Tells senders who asked for it that their message is in a mailbox here. */
export function createSuccessReports(parts: SuccessParts): SuccessReports {
  return {
    async write(arrival, recipients) {
      const { successReports } = await import('./queue/success.ts')
      return successReports(parts).write(arrival, recipients)
    },
  }
}

/** For other modules that write letters. */
export function createOwnLetters(parts: LetterParts): OwnLetters {
  return { plan: (letter) => planLetter(parts, letter) }
}
