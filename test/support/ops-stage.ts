import { createDomainRecords } from '../../src/app/directory/domain-records.ts'
import { readSettings } from '../../src/app/settings/read.ts'
import { createSystemState } from '../../src/app/system-state.ts'
import type { CertificateStatus } from '../../src/ports/certificate-care.ts'
import type { DmarcSummary, TlsSummary } from '../../src/ports/mail-reports.ts'
import type { Trace } from '../../src/ports/mail-traces.ts'
import type { Attempt, QueuedRecipient } from '../../src/ports/outgoing-queue.ts'
import { address, addUsers, aliasRow, domainRow, newUser } from './auth.ts'
import { createFakeDnsResolver } from './fakes/dns-resolver.ts'
import { brought, type SpamStage, startSpam } from './spam-stage.ts'
import { account, delivery, mail, sealed, type TestStore } from './store.ts'
import { type Browser, startWeb, type TestWeb } from './web.ts'

/** What a stranger writes wherever he may. */
export const hostile = `<script>alert(1)</script>"'><img src=x>`

export interface OpsStage {
  readonly web: TestWeb
  readonly rows: readonly QueuedRecipient[]
  /** A global admin, a manager of `home.test`, one of `else.test`, and somebody who manages nothing. */
  readonly root: Browser
  readonly mia: Browser
  readonly eli: Browser
  readonly bob: Browser
  end(): Promise<void>
}

/** A server with mail that waits, mail that was judged, reports, and people who look after it. */
export async function startOps(settings: Parameters<typeof startWeb>[0] = {}): Promise<OpsStage> {
  let spam: SpamStage | undefined
  const web = await startWeb(settings, undefined, async (store, { admin, dkimKeys }) => {
    spam = await startSpam(store)
    const dns = createFakeDnsResolver(zone)
    const system = createSystemState({
      dataDir: store.dataDir,
      admin,
      queue: store.queue,
      dns: { resolve: async () => ({ kind: 'later', reason: 'unreachable', text: hostile, why: [] }) },
      spam: spam.teaching,
      scanner: undefined,
      bytes: store.bytes,
      reports: { tls: async () => [] },
      listening: () => [{ name: 'imaps', host: '127.0.0.1', port: 993 }],
    })
    return {
      system,
      history: spam.history,
      dns,
      certificates: { status: async () => certificates(), renew: async () => ({ kind: 'troubled' }) },
      records: createDomainRecords({ admin, dkimKeys, dns, settings: ownSettings() }),
      reports: {
        dmarc: async ({ domain }) => [{ ...dmarc, domain: domain ?? 'home.test' }],
        tls: async ({ domain }) => [{ ...tls, domain: domain ?? 'home.test' }],
      },
    }
  })
  await people(web)
  if (spam) await judged(spam)
  await traced(web)
  const rows = await waiting(web.mail)
  return {
    web,
    rows,
    root: await web.signedIn('root@example.com'),
    mia: await web.signedIn('mia@home.test'),
    eli: await web.signedIn('eli@else.test'),
    bob: await web.signedIn('bob@example.com'),
    end: async () => {
      await spam?.stop()
      await web.end()
    },
  }
}

function ownSettings() {
  const environment = { DOMAIN: 'home.test', HOSTNAMES: 'mail.home.test', DMARC_RUA: 'dmarc' }
  const read = readSettings({ home: false, file: undefined, environment, readFile: () => '' })
  if (read.kind !== 'settings') throw new Error(JSON.stringify(read))
  return read.settings
}

async function people({ auth: { admin } }: TestWeb): Promise<void> {
  const [home, elsewhere] = [domainRow('home.test'), domainRow('else.test')]
  await admin.add('domain', { ...home, comment: hostile }, 'test')
  await admin.add('domain', elsewhere, 'test')
  const others = ['mia@home.test', 'ann@home.test', 'eli@else.test', 'cid@else.test'].map((each) =>
    newUser(each),
  )
  const admins = ['root@example.com', 'boss@home.test'].map((each) => newUser(each, { globalAdmin: true }))
  await addUsers(admin, [...admins, ...others])
  await admin.add('relay', { name: domainRow('relayed.test').name, target: 'far.test' }, 'test')
  await admin.add('alias', aliasRow('chief@home.test', ['boss@home.test']), 'test')
  await admin.add('manager', { domain: home.name, user: address('mia@home.test') }, 'test')
  await admin.add('manager', { domain: elsewhere.name, user: address('eli@else.test') }, 'test')
  await admin.set('user', address('ann@home.test'), { displayedName: hostile }, 'root@example.com')
}

const letter = (subject: string, body = 'Shall we have lunch?') =>
  `From: ${hostile} <eve@far.test>\r\nTo: x@home.test\r\nSubject: ${subject}\r\n\r\n${body}\r\n`
const gtube = 'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X'

async function judged({ judge }: SpamStage): Promise<void> {
  const checks = {
    spf: { result: 'fail', identity: 'mailfrom', domain: 'far.test', why: hostile, explanation: hostile },
    dkim: [{ result: 'pass', domain: 'far.test', selector: 's1', algorithm: 'rsa', why: '' }],
    dmarc: { result: 'pass', policy: 'none', author: 'far.test', policyDomain: 'far.test', why: '' },
    arc: { result: 'none', sealers: [], why: '' },
    iprev: { result: 'pass', name: 'mx.far.test' },
  } as const
  const now = Date.now()
  const some = (n: number, message: Parameters<typeof brought>[0]) =>
    judge.judge({ ...brought({ at: now - n * 3_600_000, ...message }), id: `m-${n}` }, { header: '', checks })
  await some(1, { text: letter(hostile), to: ['ann@home.test', 'cid@else.test'] })
  await some(2, { text: letter('Win a prize', gtube), to: ['cid@else.test'] })
  await some(3, { text: letter('Lunch on Friday'), to: ['ann@home.test'] })
  await some(4, { text: letter('To nobody of ours'), to: ['x@nowhere.test'] })
  await some(5, { text: letter('Between admins'), to: ['boss@home.test'] })
  await some(6, { text: letter('Between chiefs'), to: ['chief@home.test', 'boss+x@home.test'] })
  await some(7, { text: letter('To both'), to: ['boss@home.test', 'ann@home.test'] })
}

async function traced({ auth, mail: { traces } }: TestWeb): Promise<void> {
  const ann = await auth.admin.user(address('ann@home.test'))
  if (!ann) throw new Error('no ann')
  const trace = (n: number): Trace => ({
    account: ann.account,
    arrival: `t-${n}`,
    at: Date.now() - (60 - n) * 600_000,
    way: n % 3 === 0 ? 'out' : 'in',
    own: 'ann@home.test',
    other: 'joe@far.test',
    author: n % 5 === 0 ? hostile : 'Joe <joe@far.test>',
    subject: `Letter ${n}`,
    outcome: n % 4 === 0 ? 'refused' : 'delivered',
    detail: n % 4 === 0 ? `550 5.7.1 ${hostile}` : '',
  })
  await traces.keep(Array.from({ length: 60 }, (_, n) => trace(n)))
}

const attempt = (more: Partial<Attempt>): Attempt => ({
  at: Date.now() - 600_000,
  server: 'mx1.far.test',
  why: 'temporary',
  step: 'RCPT TO',
  code: 451,
  status: '4.3.0',
  text: 'Busy, come again',
  saidBy: 'them',
  ...more,
})

async function waiting({ accounts, store, bytes, queue }: TestStore): Promise<readonly QueuedRecipient[]> {
  await accounts.putAccount(account(1), { quotaBytes: 0 })
  const to = ['bob@far.test', 'amy@far.test', 'joe@slow.test', 'kim@strict.test', 'new@fresh.test']
  const recipients = to.map((text) => ({
    address: address(text),
    notify: undefined,
    originalRecipient: undefined,
  }))
  const now = Date.now()
  await store.accept({
    ...delivery(await sealed(bytes, mail())),
    outgoing: [
      {
        account: account(1),
        sender: address('ann@home.test'),
        prefix: '',
        smtpUtf8: false,
        requireTls: true,
        envelopeId: undefined,
        returnContent: undefined,
        recipients,
        notBefore: 0,
        expires: now + 400_000_000,
        notice: undefined,
      },
    ],
  })
  const rows = await queue.list(0, 10)
  const last = [
    attempt({}),
    attempt({ why: 'policy', code: 550, status: '5.7.1', server: hostile, text: hostile }),
    attempt({
      why: 'network',
      server: undefined,
      step: 'connect',
      saidBy: 'us',
      code: undefined,
      status: '4.4.1',
      text: 'Connection timed out',
    }),
    attempt({
      why: 'tls',
      code: undefined,
      status: '4.7.5',
      saidBy: 'us',
      text: 'Its certificate has expired',
    }),
  ]
  const failed = last.flatMap((each, n) => {
    const id = rows[n]?.id
    const due = now + (n + 1) * 600_000
    return id === undefined ? [] : [{ id, kind: 'later' as const, due, last: each, noticed: false }]
  })
  await queue.settle({ rows: failed, reports: [] })
  await queue.hold(rows.slice(1, 2).map(({ id }) => id))
  return queue.list(0, 10)
}

const dayMs = 86_400_000

const certificates = (): CertificateStatus => ({
  source: 'authority',
  shown: [
    {
      names: ['mail.home.test', 'home.test'],
      key: 'ECDSA',
      issuer: `Some Authority ${hostile}`,
      until: Date.now() + 60 * dayMs,
      nextTry: Date.now() + 30 * dayMs,
    },
    {
      names: ['old.home.test'],
      key: 'RSA',
      issuer: 'Old',
      until: Date.now() + 3 * dayMs,
      nextTry: undefined,
    },
  ],
  troubles: [
    {
      names: ['mta-sts.home.test'],
      at: Date.now() - 3_600_000,
      text: `The authority could not reach port 80: ${hostile}`,
      todo: 'Open it, or point the name to this server',
      nextTry: Date.now() + 3_600_000,
    },
    {
      names: ['new.home.test'],
      at: Date.now() - 3_600_000,
      text: `The authority could not reach port 80: ${hostile}`,
      todo: 'Open it, or point the name to this server',
      said: {
        what: 'not-reached',
        todo: 'let-through',
        values: { name: hostile, said: hostile, port: '80' },
      },
      nextTry: Date.now() + 3_600_000,
    },
  ],
})

const daysBack = (n: number) => new Date(Date.now() - n * dayMs).toISOString().slice(0, 10)

const dmarc: DmarcSummary = {
  domain: 'home.test',
  days: Array.from({ length: 28 }, (_, n) => ({
    day: daysBack(28 - n),
    count: 40 + ((n * 17) % 60),
    failed: n % 6 === 0 ? 12 : n % 3,
  })),
  reporters: [
    { domain: 'google.example', name: `Google ${hostile}`, reports: 28 },
    { domain: 'far.test', name: 'Far', reports: 11 },
  ],
  messages: 1934,
  passed: 1850,
  policy: 'quarantine',
  sources: [
    source('192.0.2.1', 1800, 1800, ['home.test'], ['home.test']),
    source('198.51.100.9', 84, 50, ['home.test'], []),
    source('203.0.113.77', 50, 0, ['newsletter.example', hostile], ['newsletter.example']),
  ],
  sourcesLeftAway: 3,
  next: [
    { kind: 'be-stricter', policy: 'reject' },
    { kind: 'sign-as-us', ip: '203.0.113.77', as: hostile, messages: 50 },
    { kind: 'know-it', ip: '203.0.113.78', messages: 1 },
    { kind: 'mend', ip: '198.51.100.9', messages: 34 },
  ],
}

function source(
  ip: string,
  messages: number,
  passed: number,
  signedBy: readonly string[],
  vouchedBy: readonly string[],
): DmarcSummary['sources'][number] {
  const names = { from: ['home.test'], signedBy, vouchedBy, reporters: ['google.example'] }
  return {
    ip,
    messages,
    passed,
    byDkim: passed,
    bySpf: 0,
    quarantined: messages - passed,
    rejected: 0,
    ...names,
  }
}

const tls: TlsSummary = {
  domain: 'home.test',
  days: Array.from({ length: 20 }, (_, n) => ({
    day: daysBack(20 - n),
    count: 300 + n * 7,
    failed: n === 12 ? 90 : 0,
  })),
  reporters: [{ domain: 'google.example', name: hostile, reports: 20 }],
  sessions: 7330,
  failed: 90,
  policies: ['sts', hostile],
  failures: [
    {
      type: 'certificate-expired',
      host: hostile,
      sessions: 90,
      reporters: ['google.example'],
      text: hostile,
    },
  ],
  next: [{ kind: 'failure', type: 'certificate-expired', host: hostile }, { kind: 'no-policy' }],
}

const zone = {
  'home.test MX': [{ type: 'MX', preference: 10, exchange: 'mail.home.test' }],
  'home.test TXT': [{ type: 'TXT', strings: [`v=spf1 ${hostile} -all`] }],
  '_imaps._tcp.home.test SRV': [
    { type: 'SRV', priority: 10, weight: 1, port: 993, target: 'mail.home.test' },
  ],
} as const
