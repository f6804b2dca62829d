import { createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { parseAddress } from '../src/lib/address.ts'
import { createMailAuthenticator, createMailSigner } from '../src/modules/dkim/index.ts'
import type { DkimKeys, SigningKey } from '../src/ports/dkim-keys.ts'
import type { MessageRef } from '../src/ports/message.ts'
import { createFakeDnsResolver } from '../test/support/fakes/dns-resolver.ts'
import { createFakeMessageBytes } from '../test/support/fakes/message-bytes.ts'
import { createFakeLog, silentMeter } from '../test/support/fakes/runtime.ts'
import { sealedMessage } from '../test/support/sealed-message.ts'

const domain = 'home.test' as SigningKey['domain']
const sizes = [7_000, 75_000, 1_400_000]
const ambient = {
  bytes: createFakeMessageBytes(),
  clock: { now: () => Date.now(), sleep: () => Promise.resolve() },
  log: createFakeLog(),
  meter: silentMeter,
}

/** Messages signed and checked per CPU-second, all threads counted, beside what OpenSSL alone takes for the signature. */
export async function run(): Promise<void> {
  const [rsa, ed25519] = [makeKey('rsa', 'dkim'), makeKey('ed25519', 'dkim-ed25519')]
  const input = Buffer.alloc(1000, 'x')
  const bare = await perCpuSecond(async () => void sign('sha256', input, rsa.privateKey))
  console.log(`sign: OpenSSL alone, RSA of 2048 bits: ${said(bare)}`)
  for (const size of sizes) {
    const message = letter(size)
    for (const [name, keys] of [
      ['RSA', [rsa]],
      ['Ed25519', [ed25519]],
      ['both', [rsa, ed25519]],
    ] as const) {
      const signer = createMailSigner({ ...ambient, keys: signingWith(keys) })
      const rate = await perCpuSecond(() => signer.sign(message, parseAddress('ann@home.test')))
      const target = size === 7_000 && name !== 'Ed25519' ? ' (target 3,000)' : ''
      console.log(`sign: ${size / 1000} KB, ${name}: ${said(rate)}${target}`)
    }
    await check(message, [rsa, ed25519])
  }
}

interface BenchKey extends SigningKey {
  readonly privateKey: ReturnType<typeof generateKeyPairSync>['privateKey']
  readonly record: string
}

async function check(message: MessageRef, keys: readonly BenchKey[]): Promise<void> {
  const signer = createMailSigner({ ...ambient, keys: signingWith(keys) })
  const { header } = await signer.sign(message, parseAddress('ann@home.test'))
  const bytes = message.kind === 'inline' ? message.bytes : new Uint8Array()
  const text = Buffer.from(bytes).toString('latin1')
  const zone = Object.fromEntries(
    keys.map(({ selector, record }) => [`${selector}._domainkey.home.test TXT`, txt(record)]),
  )
  const resolver = createFakeDnsResolver({
    ...zone,
    'home.test TXT': txt('v=spf1 ip4:192.0.2.0/24 -all'),
    '_dmarc.home.test TXT': txt('v=DMARC1; p=reject'),
  })
  const authenticator = createMailAuthenticator({
    ...ambient,
    resolver,
    hostnames: ['mail.home.test'],
    keys: signingWith([]),
    seal: false,
  })
  for (const [name, arriving] of [
    ['unsigned', message],
    ['two signatures', sealedMessage(header + text)],
  ] as const) {
    const arrival = arrivalOf(arriving)
    const rate = await perCpuSecond(() => authenticator.authenticate(arrival))
    console.log(`check: ${message.size / 1000} KB, ${name}: ${said(rate)}`)
  }
}

const said = (rate: number) => `${Math.round(rate).toLocaleString('en')} a CPU-second`
const txt = (text: string) => [{ type: 'TXT', strings: [text] }] as const
const signingWith = (keys: readonly SigningKey[]): Pick<DkimKeys, 'signing' | 'all'> => ({
  signing: async () => keys,
  all: async () => [],
})

function makeKey(type: 'rsa' | 'ed25519', selector: string): BenchKey {
  const { privateKey } =
    type === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ed25519')
  const der = createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
  const p = (type === 'rsa' ? der : der.subarray(-32)).toString('base64')
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  return { domain, selector, pem, privateKey, record: `v=DKIM1; k=${type}; p=${p}` }
}

function letter(size: number): MessageRef {
  const line = `${'Words of a letter, as people write them. '.repeat(2).trim()}\r\n`
  const header = [
    'From: Ann <ann@home.test>',
    'To: Bob <bob@far.test>',
    'Subject: What we spoke about',
    'Date: Fri, 21 Nov 2025 10:00:00 +0000',
    'Message-ID: <1@home.test>',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
  ].join('\r\n')
  return sealedMessage(`${header}\r\n\r\n${line.repeat(Math.ceil(size / line.length))}`)
}

function arrivalOf(message: MessageRef) {
  return {
    id: 'm',
    connection: 'c',
    origin: { kind: 'arrived' as const },
    sender: parseAddress('ann@home.test'),
    recipients: [],
    message,
    trace: '',
    client: { ip: '192.0.2.1', helo: 'mx.home.test', tls: true },
    requireTls: false,
    smtpUtf8: false,
    envelopeId: undefined,
    returnContent: undefined,
    receivedAt: 0,
  }
}

const atOnce = 8
const measuredMs = 1500

async function perCpuSecond(act: () => Promise<unknown>): Promise<number> {
  for (let count = 0; count < 50; count++) await act()
  const before = process.cpuUsage()
  const until = performance.now() + measuredMs
  let done = 0
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (performance.now() < until) {
        await act()
        done++
      }
    }),
  )
  const { user, system } = process.cpuUsage(before)
  return (done * 1e6) / (user + system)
}
