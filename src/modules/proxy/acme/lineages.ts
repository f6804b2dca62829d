import { createPrivateKey, generateKeyPair, type KeyObject, type X509Certificate } from 'node:crypto'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { replaceFile } from '../../../platform/files.ts'
import { digestOf, type Reading, readPair, readText } from '../certificate-files.ts'
import type { Offer } from '../shelf.ts'
import { checkPair, type KeyPair } from '../tls-profile.ts'

/** A certificate that is renewed under one name, as certbot has it. */
export interface Lineage {
  /** Its folder in `live`. */
  readonly id: string
  readonly key: 'RSA' | 'ECDSA'
  readonly names: readonly string[]
}

/** Mailu's two, for all HOSTNAMES. */
export const mainLineages = { RSA: 'mailu', ECDSA: 'mailu-ecdsa' } as const

const files = { certificate: 'fullchain.pem', key: 'privkey.pem' }
const mostOffers = 1000

/** The files of certbot as Mailu lays them out, below `certs/letsencrypt`. */
export class LineageFiles {
  readonly #folder: string

  constructor(folder: string) {
    this.#folder = folder
  }

  /** Those of HOSTNAMES first; what is broken is left out and issued anew. */
  async read(): Promise<Reading | undefined> {
    const main = await this.#usable([mainLineages.RSA, mainLineages.ECDSA])
    if (main.length === 0) return undefined
    const others: Offer[] = []
    for (const id of (await this.#others()).slice(0, mostOffers)) {
      const pairs = await this.#usable([id])
      if (pairs.length > 0) others.push(pairs)
    }
    const offers: [Offer, ...Offer[]] = [main, ...others]
    return { name: 'authority', offers, digest: digestOf(offers) }
  }

  /** What a lineage has now; undefined where there is none that could serve. */
  async certificate(id: string): Promise<X509Certificate | undefined> {
    const pair = await readPair(this.#place(id), files)
    return pair && usable(pair)
  }

  /**
   * The key of the last certificate: it stays, because TLSA records (RFC 7671 §8.1) name it. Another one where that is
   * missing or of another kind; it is kept with the certificate, not before.
   */
  async key({ id, key }: Lineage): Promise<string> {
    const kept = await readText(join(this.#place(id), files.key))
    const read = kept === undefined ? undefined : readKey(kept)
    const kind = key === 'RSA' ? 'rsa' : 'ec'
    const good = read?.asymmetricKeyType === kind ? read : await makeKey(key)
    return good.export({ type: 'pkcs8', format: 'pem' }).toString()
  }

  /** Throws where the two are not of each other. */
  async keep(id: string, pair: KeyPair): Promise<void> {
    checkPair(pair)
    const place = this.#place(id)
    await mkdir(place, { recursive: true, mode: 0o700 })
    const kept = await readText(join(place, files.key))
    if (kept !== pair.key) await replaceFile(join(place, files.key), pair.key)
    await replaceFile(join(place, files.certificate), pair.certificate)
  }

  async #others(): Promise<string[]> {
    const entries = await readdir(join(this.#folder, 'live')).catch(() => [])
    const main: readonly string[] = Object.values(mainLineages)
    return entries.filter((id) => !main.includes(id)).toSorted()
  }

  async #usable(ids: readonly string[]): Promise<KeyPair[]> {
    const pairs = await Promise.all(ids.map((id) => readPair(this.#place(id), files)))
    return pairs.flatMap((pair) => (pair !== undefined && usable(pair) ? [pair] : []))
  }

  #place(id: string): string {
    return join(this.#folder, 'live', id)
  }
}

function usable(pair: KeyPair): X509Certificate | undefined {
  try {
    return checkPair(pair)
  } catch {
    return undefined
  }
}

function readKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem)
  } catch {
    return undefined
  }
}

async function makeKey(kind: Lineage['key']): Promise<KeyObject> {
  const { privateKey } =
    kind === 'RSA'
      ? await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
      : await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' })
  return privateKey
}

/**
 * The account's key, at certbot's place and in its form: an account that Mailu has made is used on.
 * `accounts/acme-v02.api.letsencrypt.org/directory/ID/private_key.json`
 */
export async function accountKey(folder: string, directory: string): Promise<string> {
  const { host, pathname } = new URL(directory)
  const place = join(folder, 'accounts', host, ...pathname.split('/').filter((part) => /[^.]/.test(part)))
  const ids = await readdir(place).catch(() => [])
  for (const id of ids.toSorted((one, other) => (one < other ? -1 : 1))) {
    const text = await readText(join(place, id, 'private_key.json'))
    const read = text === undefined ? undefined : readJwk(text)
    if (read) return read.export({ type: 'pkcs8', format: 'pem' }).toString()
  }
  const made = await makeKey('ECDSA')
  await mkdir(join(place, 'homepost'), { recursive: true, mode: 0o700 })
  await replaceFile(
    join(place, 'homepost', 'private_key.json'),
    JSON.stringify(made.export({ format: 'jwk' })),
  )
  return made.export({ type: 'pkcs8', format: 'pem' }).toString()
}

function readJwk(text: string): KeyObject | undefined {
  try {
    return createPrivateKey({ key: JSON.parse(text), format: 'jwk' })
  } catch {
    return undefined
  }
}
