import { createHash, createHmac, pbkdf2Sync } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import { createTransport } from 'nodemailer'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startServer, type TestServer } from '../support/server.ts'

let server: TestServer

beforeAll(async () => {
  server = await startServer()
  await server.addUsers('ann', 'bob')
}, 60_000)
afterAll(() => server.stop())

class Client {
  readonly #socket: TLSSocket
  #text = ''

  constructor({ ports }: TestServer) {
    this.#socket = connect({ host: '127.0.0.1', port: ports.pop3s, rejectUnauthorized: false })
    this.#socket.on('error', () => undefined)
  }

  async line(): Promise<string> {
    while (!this.#text.includes('\r\n')) {
      const [chunk] = (await once(this.#socket, 'data')) as [Buffer]
      this.#text += chunk.toString('latin1')
    }
    const end = this.#text.indexOf('\r\n')
    const line = this.#text.slice(0, end)
    this.#text = this.#text.slice(end + 2)
    return line
  }

  async say(line: string): Promise<string> {
    this.#socket.write(`${line}\r\n`)
    return await this.line()
  }

  close(): void {
    this.#socket.destroy()
  }
}

async function connected(to = server): Promise<Client> {
  const client = new Client(to)
  expect(await client.line()).toBe('+OK mail.example.test Homepost ready')
  return client
}

async function signedIn(to: TestServer): Promise<Client> {
  const client = await connected(to)
  await client.say('USER ann@example.test')
  expect(await client.say('PASS pw')).toMatch(/^\+OK/)
  return client
}

const transport = ({ ports }: TestServer) =>
  createTransport({ host: '127.0.0.1', port: ports.smtp, ignoreTLS: true, name: 'client.example.org' })

const base64 = (text: string) => Buffer.from(text).toString('base64')
const fromBase64 = (text: string) => Buffer.from(text, 'base64').toString()
const hmac = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest()

/** RFC 7677, the client's side; what the server says to the proof. */
async function scram(client: Client, login: string, password: string): Promise<string> {
  const bare = `n=${login},r=abcdef`
  const challenge = fromBase64((await client.say(`AUTH SCRAM-SHA-256 ${base64(`n,,${bare}`)}`)).slice(2))
  const [, nonce = '', salt = '', rounds = ''] = /^r=([^,]*),s=([^,]*),i=(\d+)$/.exec(challenge) ?? []
  const withoutProof = `c=biws,r=${nonce}`
  const salted = pbkdf2Sync(password, Buffer.from(salt, 'base64'), Number(rounds), 32, 'sha256')
  const clientKey = hmac(salted, 'Client Key')
  const signed = `${bare},${challenge},${withoutProof}`
  const signature = hmac(createHash('sha256').update(clientKey).digest(), signed)
  const proof = Buffer.from(clientKey.map((octet, at) => octet ^ (signature[at] ?? 0))).toString('base64')
  const answer = await client.say(base64(`${withoutProof},p=${proof}`))
  if (!answer.startsWith('+ ')) return answer
  expect(fromBase64(answer.slice(2))).toBe(`v=${hmac(hmac(salted, 'Server Key'), signed).toString('base64')}`)
  return await client.say('')
}

test('people sign in with SCRAM, and a wrong password does not', async () => {
  const client = await connected()
  expect(await scram(client, 'ann@example.test', 'wrong')).toMatch(/^-ERR \[AUTH\]/)
  expect(await scram(client, 'nobody@example.test', 'pw')).toMatch(/^-ERR \[AUTH\]/)
  expect(await scram(client, 'ann@example.test', 'pw')).toBe('+OK 0 messages, 0 octets')
  client.close()
})

test('who may not use POP3 reads the same as who has the wrong password', async () => {
  const { code } = await server.homepost(['user', 'set', 'bob@example.test', '--enable-pop', 'false'])
  expect(code).toBe(0)
  const client = await connected()
  await client.say('USER bob@example.test')
  expect(await client.say('PASS pw')).toBe('-ERR [AUTH] Wrong address or password')
  client.close()
})

test('what QUIT has removed stays away after a kill, what was only marked stays', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'homepost-pop3-'))
  let mine = await startServer({ dataDir })
  try {
    await mine.addUsers('ann')
    const post = transport(mine)
    for (const subject of ['one', 'two', 'three']) {
      await post.sendMail({ from: 'x@example.org', to: 'ann@example.test', subject, text: subject })
    }
    const first = await signedIn(mine)
    await first.say('DELE 2')
    expect(await first.say('QUIT')).toBe('+OK 1 messages removed')
    const second = await signedIn(mine)
    await second.say('DELE 1')
    await mine.stop('SIGKILL')
    mine = await startServer({ dataDir })
    const third = await signedIn(mine)
    expect(await third.say('UIDL 1')).toMatch(/^\+OK 1 00000001/)
    expect(await third.say('UIDL 2')).toMatch(/^\+OK 2 00000003/)
    expect(await third.say('UIDL 3')).toMatch(/^-ERR/)
    third.close()
  } finally {
    await mine.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
}, 60_000)

test('a maildrop is free again as soon as its client has gone', async () => {
  for (let round = 0; round < 5; round++) {
    const client = await signedIn(server)
    expect(await client.say('QUIT')).toMatch(/^\+OK/)
    client.close()
  }
})
