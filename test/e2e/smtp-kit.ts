import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTransport, type Transporter } from 'nodemailer'
import { onTestFinished } from 'vitest'
import { domainOf } from '../../src/lib/address.ts'
import { createDelivery } from '../../src/modules/delivery/index.ts'
import { createProxy } from '../../src/modules/proxy/index.ts'
import { createSmtp } from '../../src/modules/smtp/index.ts'
import type { SmtpSettings } from '../../src/modules/smtp/settings.ts'
import { createSpamJudge } from '../../src/modules/spam/index.ts'
import { createStore } from '../../src/modules/store/index.ts'
import { systemClock } from '../../src/platform/clock.ts'
import { createSqliteWriter } from '../../src/platform/sqlite/writer.ts'
import type { ListenerName } from '../../src/ports/connection.ts'
import type { MailStore } from '../../src/ports/mail-store.ts'
import { address, startAuth } from '../support/auth.ts'
import { deliveryRules } from '../support/delivery-rules.ts'
import { noOldServers } from '../support/fakes/old-servers.ts'
import { createFakeLog, type LoggedEvent, silentMeter } from '../support/fakes/runtime.ts'
import { silentSuccess } from '../support/fakes/success-reports.ts'
import { silentAuthenticator, silentSigner } from '../support/fakes/vouching.ts'
import { ownCertificates } from '../support/own-certificates.ts'

export interface SmtpKit {
  readonly ports: Readonly<Record<'smtp' | 'submission' | 'submissions', number>>
  readonly events: readonly LoggedEvent[]
  /** Everything in somebody's INBOX, in order. */
  inbox(user: string): Promise<readonly Buffer[]>
  mailer(listener: ListenerName, options?: object): Transporter
}

/** Front, SMTP, intake, directory and store as they are composed, on loopback; `ann` and `bob` live at home.test. */
export async function startSmtpKit(settings: Partial<SmtpSettings> = {}): Promise<SmtpKit> {
  const folder = mkdtempSync(join(tmpdir(), 'smtp-kit-'))
  const log = createFakeLog()
  const ambient = { clock: systemClock, log, meter: silentMeter }
  const writer = createSqliteWriter({ log })
  const mail = createStore({
    dataDir: folder,
    writer,
    compression: undefined,
    keepDays: { trash: 0, junk: 0 },
    ...ambient,
  })
  await mail.service.start()
  const auth = await startAuth({ mailAccounts: mail.accounts })
  await auth.admin.add(
    'domain',
    {
      name: domainOf(address('ann@home.test')),
      maxUsers: -1,
      maxAliases: -1,
      maxQuotaBytes: 0,
      alternatives: [],
      comment: '',
    },
    'test',
  )
  for (const user of ['ann', 'bob', 'jörg']) {
    await auth.admin.add('user', { address: address(`${user}@home.test`), password: 'secret' }, 'test')
  }
  const { store, bytes } = mail
  const intake = createDelivery({
    ...auth,
    store,
    bytes,
    ...ambient,
    ...deliveryRules(mail),
    reports: silentSuccess,
    authenticator: silentAuthenticator,
    signer: silentSigner,
    judge: createSpamJudge(),
  })
  const smtp = createSmtp({
    intake,
    bytes,
    credentials: auth.credentials,
    scram: auth.scram,
    oldServers: noOldServers,
    senders: auth.senders,
    ...ambient,
    settings: { ...standard, ...settings },
  })
  const listeners = (['smtp', 'submission', 'submissions'] as const).map((name) => ({
    name,
    host: '127.0.0.1',
    port: 0,
    tls: name === 'submissions' ? ('implicit' as const) : ('starttls' as const),
    proxyProtocol: false,
  }))
  const proxy = createProxy({
    handlers: { smtp: smtp.arriving, submission: smtp.submission, submissions: smtp.submission },
    webs: {},
    certificates: ownCertificates({ folder, names: ['mail.home.test'] }, ambient),
    ...ambient,
    settings: {
      hostname: 'mail.home.test',
      listeners,
      permissiveSmtp: true,
      trustedProxies: [],
      realIpHeader: undefined,
      limits: {},
    },
  })
  await proxy.service.start()
  onTestFinished(async () => {
    await proxy.service.drain()
    await proxy.service.stop()
    await auth.end()
    await mail.service.stop()
    await writer.stop()
    rmSync(folder, { recursive: true })
  })
  const ports = Object.fromEntries(
    proxy.listening().map(({ name, port }) => [name, port]),
  ) as SmtpKit['ports']
  return {
    ports,
    events: log.events,
    inbox: (user) => inboxOf(store, auth, user),
    mailer: (listener, options = {}) =>
      createTransport({
        host: '127.0.0.1',
        port: ports[listener as keyof SmtpKit['ports']],
        secure: listener === 'submissions',
        name: 'client.example',
        tls: { rejectUnauthorized: false },
        ...options,
      }),
  }
}

const standard: SmtpSettings = {
  hostname: 'mail.home.test',
  postmaster: address('ann@home.test'),
  messageSizeLimit: 50_000_000,
  trustedNetworks: [],
  allowPlaintextAuth: false,
  offerScram: true,
  inboundTlsEnforce: false,
  refuseEarlyTalkers: false,
}

async function inboxOf(
  store: MailStore,
  { addresses }: Pick<Awaited<ReturnType<typeof startAuth>>, 'addresses'>,
  user: string,
): Promise<readonly Buffer[]> {
  const destination = await addresses.resolve(address(`${user}@home.test`))
  const hop = destination.kind === 'hops' ? destination.hops[0] : undefined
  if (hop?.kind !== 'mailbox') throw new Error(`${user} has no mailbox`)
  const inbox = await store.mailbox(hop.account, 'INBOX')
  const image = inbox && (await store.image(hop.account, inbox.id))
  if (!inbox || !image) return []
  const bodies = [...image.uids].map((uid) => store.bytes(hop.account, inbox.id, uid))
  return (await Promise.all(bodies)).map((bytes) => Buffer.from(bytes ?? []))
}
