import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceFile } from '../../platform/files.ts'
import type { CertificateSource } from '../../ports/certificate-care.ts'
import type { Offer } from './shelf.ts'
import type { KeyPair } from './tls-profile.ts'

/** What a source has. */
export interface Reading {
  readonly name: Exclude<CertificateSource, 'none'>
  /** The first is for everybody who asks for no other's name. */
  readonly offers: readonly [Offer, ...Offer[]]
  /** Changes with whatever is in them. */
  readonly digest: string
}

interface PairNames {
  readonly certificate: string
  readonly key: string
}

const selfSigned: PairNames = { certificate: 'self-signed.cert.pem', key: 'self-signed.key.pem' }

export const readFiles = (folder: string, names: PairNames) => readOne('files', folder, names)
export const readSelfSigned = (folder: string) => readOne('self-signed', folder, selfSigned)

async function readOne(
  name: Reading['name'],
  folder: string,
  names: PairNames,
): Promise<Reading | undefined> {
  const pair = await readPair(folder, names)
  return pair && { name, offers: [[pair]], digest: digestOf([[pair]]) }
}

export async function writeSelfSigned(folder: string, pair: KeyPair): Promise<Reading> {
  await replaceFile(join(folder, selfSigned.key), pair.key)
  await replaceFile(join(folder, selfSigned.certificate), pair.certificate)
  return { name: 'self-signed', offers: [[pair]], digest: digestOf([[pair]]) }
}

/** Undefined where one of the two files is missing. */
export async function readPair(
  folder: string,
  { certificate, key }: PairNames,
): Promise<KeyPair | undefined> {
  const [chain, secret] = await Promise.all([
    readText(join(folder, certificate)),
    readText(join(folder, key)),
  ])
  return chain === undefined || secret === undefined ? undefined : { certificate: chain, key: secret }
}

/** Undefined where the file is missing. */
export async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    const { code } = cause as { code?: string }
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new Error(`${path} cannot be read: ${(cause as Error).message}`, { cause })
  }
}

export function digestOf(offers: readonly Offer[]): string {
  const hash = createHash('sha256')
  for (const { certificate, key } of offers.flat())
    hash.update(certificate).update('\0').update(key).update('\0')
  return hash.digest('hex')
}
