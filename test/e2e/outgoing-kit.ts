import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { messagesOf, transport } from '../clients/support/mailbox.ts'
import type { ZoneSketch } from '../support/dns/internet.ts'
import { mailZone, startMailInternet } from '../support/mail-internet.ts'
import { playing, scriptedServer } from '../support/scripted-server.ts'
import { startServer, type TestServer } from '../support/server.ts'

export interface SendingStage extends TestServer {
  /** What the one other server heard: the MX of `far.test` and `near.test`. */
  readonly far: { readonly lines: string[]; readonly messages: string[] }
}

export type Words = Readonly<Record<string, string>>

interface Sending {
  /** What the other server offers. */
  readonly extensions?: readonly string[]
  /** How it answers: see `playing`. */
  readonly rules?: Words
  readonly env?: Words
  readonly zones?: Readonly<Record<string, ZoneSketch>>
  readonly dataDir?: string
}

/** The composed server in an internet of its own, with one other server behind all MX records; `ann` and `bob` live here. */
export async function startSending({
  extensions = ['PIPELINING', '8BITMIME', 'SIZE'],
  rules = {},
  env = {},
  zones = {},
  dataDir,
}: Sending = {}): Promise<SendingStage> {
  const far = { lines: [] as string[], messages: [] as string[] }
  const port = await scriptedServer(playing(extensions, rules, far))
  const net = await startMailInternet({
    'far.test': mailZone('far.test', '127.0.0.1'),
    'near.test': mailZone('near.test', '127.0.0.1'),
    ...zones,
  })
  const server = await startServer({
    env: { ...net.env, OUTBOUND_PORT: String(port), ...env },
    ...(dataDir === undefined ? {} : { dataDir }),
  })
  onTestFinished(async () => void (await server.stop()))
  await server.addUsers('ann', 'bob')
  return { ...server, far }
}

/** A program that sends as ann, who signed in. */
export const asAnn = (server: TestServer) => transport(server, 'submissions')
export const asBob = (server: TestServer) => transport(server, 'submissions', 'bob')

/** Another mail server. */
export const stranger = (server: TestServer) => transport(server, 'plain')

export const inbox = async (server: TestServer, user: string) =>
  (await messagesOf(server, user)).map((message) => message.toString('latin1'))

/** For what takes a moment. */
export const soon = { timeout: 30_000, interval: 50 }

/** Keys of example.test, where the server looks for them, and the lines that publish them. */
export function keysIn(dataDir: string): string[] {
  mkdirSync(join(dataDir, 'dkim'), { recursive: true })
  return (['rsa', 'ed25519'] as const).map((type) => {
    const { privateKey } =
      type === 'rsa' ? generateKeyPairSync('rsa', { modulusLength: 2048 }) : generateKeyPairSync('ed25519')
    const selector = type === 'rsa' ? 'dkim' : 'dkim-ed25519'
    writeFileSync(
      join(dataDir, 'dkim', `example.test.${selector}.key`),
      privateKey.export({ type: 'pkcs8', format: 'pem' }),
    )
    const der = createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
    const p = (type === 'rsa' ? der : der.subarray(-32)).toString('base64')
    const texts = `v=DKIM1; k=${type}; p=${p}`.match(/.{1,200}/g) ?? []
    return `${selector}._domainkey.example.test. 300 TXT ${texts.map((text) => `"${text}"`).join(' ')}`
  })
}

/** A data folder that goes with the test, whatever becomes of the server. */
export function dataFolder(): string {
  const dataDir = mkdtempSync(join(tmpdir(), 'homepost-sending-'))
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }))
  return dataDir
}
