import { type ChildProcess, spawn } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { Agent, createServer, request } from 'node:https'
import { join } from 'node:path'
import { axios, Client } from 'acme-client'
import { issue } from '../../support/certificates.ts'
import { answering } from './answering.ts'
import { freePort } from './far-servers.ts'

/** Debian's pebble: an authority that speaks ACME and issues what nobody believes. */
export interface TestAuthority {
  /** What our server needs to know to ask it. */
  readonly env: Readonly<Record<string, string>>
  /** Where it looks for `name`. */
  lead(name: string, address: string): Promise<void>
  /** PEM */
  root(): Promise<string>
  /** By the account that ordered it; returns what the authority says of it then. */
  revoke(chain: string, key: string): Promise<string>
  /** The certificates that it was asked about: when to renew them? */
  readonly asked: readonly string[]
  /** After `stop`. */
  start(): Promise<void>
  stop(): Promise<void>
}

export interface AuthorityOptions {
  readonly folder: string
  readonly httpPort: number
  readonly tlsPort: number
  /** `ip:port` of another name server than the one that comes with it. */
  readonly dns?: string
  /** It tells when to renew: `now` for the certificates that it is first asked about, in a month for all later ones. RFC 9773. */
  readonly tellsRenewal?: true
  /** Accounts have to name it. */
  readonly binding?: { readonly kid: string; readonly hmacKey: string }
}

export async function startAuthority({
  folder,
  httpPort,
  tlsPort,
  dns,
  binding,
  tellsRenewal,
}: AuthorityOptions): Promise<TestAuthority> {
  const [port, management, dnsPort, dnsManagement] = await Promise.all([
    freePort(),
    freePort(),
    freePort(),
    freePort(),
  ])
  const ca = issue('Pebble door CA', undefined, { ca: true })
  const door = issue('localhost', ca)
  const place = (name: string) => join(folder, name)
  writeFileSync(place('door-ca.pem'), ca.pem)
  writeFileSync(place('door.pem'), door.chain)
  writeFileSync(place('door.key'), door.keyPem)
  writeFileSync(
    place('pebble.json'),
    JSON.stringify({
      pebble: {
        listenAddress: `127.0.0.1:${port}`,
        managementListenAddress: `127.0.0.1:${management}`,
        certificate: place('door.pem'),
        privateKey: place('door.key'),
        httpPort,
        tlsPort,
        ocspResponderURL: '',
        externalAccountBindingRequired: binding !== undefined,
        ...(binding && { externalAccountMACKeys: { [binding.kid]: binding.hmacKey } }),
      },
    }),
  )
  let running: ChildProcess[] = []
  const start = async () => {
    const names = spawn(
      'pebble-challtestsrv',
      [
        ...['-http01', '', '-https01', '', '-tlsalpn01', '', '-defaultIPv6', ''],
        ...['-dns01', `127.0.0.1:${dnsPort}`, '-management', `127.0.0.1:${dnsManagement}`],
      ],
      { stdio: 'ignore' },
    )
    const pebble = spawn(
      'pebble',
      ['-config', place('pebble.json'), '-dnsserver', dns ?? `127.0.0.1:${dnsPort}`],
      { stdio: 'ignore', env: { PATH: process.env['PATH'] ?? '', PEBBLE_VA_NOSLEEP: '1' } },
    )
    running = [names, pebble]
    await Promise.all([
      answering(port, pebble),
      answering(management, pebble),
      answering(dnsManagement, names),
    ])
  }
  await start()
  const asked: string[] = []
  const teller = createServer({ cert: door.chain, key: door.keyPem }, (request, response) => {
    void tell(request.url ?? '').then((answer) => response.end(JSON.stringify(answer)))
  })
  const tell = async (path: string): Promise<object> => {
    if (path === '/dir') {
      const directory = JSON.parse(await get(`https://localhost:${port}/dir`, ca.pem)) as object
      return { ...directory, renewalInfo: `https://localhost:${tellerPort}/renewal` }
    }
    asked.push(path.slice('/renewal/'.length))
    const start = Date.now() + (new Set(asked).size <= 2 ? -7 : 30) * 86_400_000
    return {
      suggestedWindow: {
        start: new Date(start).toISOString(),
        end: new Date(start + 86_400_000).toISOString(),
      },
    }
  }
  const tellerPort = await freePort()
  if (tellsRenewal) {
    teller.listen(tellerPort, '127.0.0.1')
    await once(teller, 'listening')
  }
  const ask = (path: string) => get(`https://localhost:${management}${path}`, ca.pem)
  return {
    env: {
      ACME_DIRECTORY: `https://localhost:${tellsRenewal ? tellerPort : port}/dir`,
      NODE_EXTRA_CA_CERTS: place('door-ca.pem'),
    },
    async lead(name, address) {
      for (const [verb, body] of [
        ['clear-a', {}],
        ['add-a', { addresses: [address] }],
      ] as const) {
        const answer = await fetch(`http://127.0.0.1:${dnsManagement}/${verb}`, {
          method: 'POST',
          body: JSON.stringify({ host: `${name}.`, ...body }),
        })
        if (!answer.ok) throw new Error(`challtestsrv: ${answer.status}`)
      }
    },
    root: () => ask('/roots/0'),
    async revoke(chain, key) {
      axios.defaults.httpsAgent = new Agent({ ca: ca.pem })
      const client = new Client({ directoryUrl: `https://localhost:${port}/dir`, accountKey: key })
      await client.createAccount({ onlyReturnExisting: true })
      await client.revokeCertificate(chain)
      const { serialNumber } = new X509Certificate(chain)
      const { Status } = JSON.parse(await ask(`/cert-status-by-serial/${serialNumber.toLowerCase()}`)) as {
        Status: string
      }
      return Status
    },
    start,
    asked,
    async stop() {
      teller.close()
      await Promise.all(running.map(end))
    },
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

function get(url: string, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const asking = request(url, { ca, agent: false }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (piece: string) => (text += piece))
      answer.on('end', () => resolve(text))
    })
    asking.on('error', reject).end()
  })
}
