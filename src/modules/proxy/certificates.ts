import { createHash, X509Certificate } from 'node:crypto'
import { type FSWatcher, watch } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SecureContext } from 'node:tls'
import { replaceFile } from '../../platform/files.ts'
import type { Clock, Log } from '../../ports/runtime.ts'
import { isStillGood, makeSelfSigned } from './self-signed.ts'
import type { CertificateSettings } from './settings.ts'
import { type KeyPair, secureContext, type TlsProfile } from './tls-profile.ts'

type Contexts = Readonly<Record<TlsProfile, SecureContext>>

interface Reading {
  readonly pair: KeyPair
  /** Changes with either file. */
  readonly digest: string
}

const selfSignedFiles = { certificate: 'self-signed.cert.pem', key: 'self-signed.key.pem' }
/** Where the folder's changes are not told (network shares, some container volumes), it is looked at this often. */
const lookEveryMs = 60_000
/** The two files of a pair are written one after the other. */
const settleMs = 500
const warnDays = 14
const dayMs = 24 * 3600 * 1000

/**
 * The certificate that serves now. The files of the settings win; where there are none, or they are broken at start, a
 * self-signed one serves. A new pair is taken up for new connections; a broken new pair leaves the old one serving.
 */
export class Certificates {
  readonly #settings: CertificateSettings
  readonly #clock: Clock
  readonly #log: Log
  readonly #stopped = new AbortController()
  #watcher: FSWatcher | undefined
  #contexts: Contexts | undefined
  #serving: { readonly source: 'files' | 'self-signed'; readonly digest: string } | undefined
  /** A pair that could not serve: said once. */
  #refused = ''
  #expiresAt = 0
  #warnedAt = 0
  #wake = new AbortController()

  constructor(settings: CertificateSettings, clock: Clock, log: Log) {
    this.#settings = settings
    this.#clock = clock
    this.#log = log
  }

  async start(): Promise<void> {
    await mkdir(this.#settings.folder, { recursive: true, mode: 0o700 })
    await this.look()
    this.#watcher = watch(this.#settings.folder, { persistent: false }, () => this.#wake.abort())
    this.#watcher.on('error', (cause) => this.#log.warn('certificate.not-watched', { cause: cause.message }))
    void this.#keepLooking()
  }

  stop(): void {
    this.#stopped.abort()
    this.#wake.abort()
    this.#watcher?.close()
  }

  /** What a handshake that begins now uses. */
  context(profile: TlsProfile): SecureContext {
    if (this.#contexts === undefined) throw new Error('certificates are not started')
    return this.#contexts[profile]
  }

  /** UTC milliseconds. */
  expiresAt(): number {
    return this.#expiresAt
  }

  /** Reads the files and takes up what is new. Files that disappear serve on until others come or the process ends. */
  async look(): Promise<void> {
    const given = await this.#read(this.#settings)
    if (given !== undefined && given.digest !== this.#refused) this.#takeUp(given, 'files')
    if (this.#serving?.source !== 'files') await this.#selfSign()
    this.#warnOfExpiry()
  }

  async #keepLooking(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      await this.#clock.sleep(lookEveryMs, this.#wake.signal)
      await this.#clock.sleep(settleMs, this.#stopped.signal)
      if (this.#stopped.signal.aborted) return
      this.#wake = new AbortController()
      await this.look().catch((cause: unknown) => this.#log.error('certificate.look-failed', cause))
    }
  }

  /** Undefined where one of the two files is missing. */
  async #read(names: { readonly certificate: string; readonly key: string }): Promise<Reading | undefined> {
    const read = (name: string) => readFile(join(this.#settings.folder, name), 'utf8')
    try {
      const [certificate, key] = await Promise.all([read(names.certificate), read(names.key)])
      const pair = { certificate, key }
      return { pair, digest: digestOf(pair) }
    } catch (cause) {
      if (isMissing(cause)) return undefined
      throw new Error(`cannot read the certificate in ${this.#settings.folder}`, { cause })
    }
  }

  #takeUp({ pair, digest }: Reading, source: 'files' | 'self-signed'): void {
    if (digest === this.#serving?.digest) return
    try {
      this.#contexts = {
        intermediate: secureContext('intermediate', pair),
        permissive: secureContext('permissive', pair),
      }
    } catch (cause) {
      this.#refused = digest
      this.#log.warn('certificate.unusable', {
        certificate: join(this.#settings.folder, this.#settings.certificate),
        key: join(this.#settings.folder, this.#settings.key),
        cause: cause instanceof Error ? cause.message : String(cause),
        serving: this.#serving === undefined ? 'a self-signed certificate' : 'the certificate of before',
        todo: 'put a PEM certificate chain and its own private key there',
      })
      return
    }
    const read = new X509Certificate(pair.certificate)
    this.#serving = { source, digest }
    this.#expiresAt = Date.parse(read.validTo)
    this.#warnedAt = 0
    const until = new Date(this.#expiresAt).toISOString()
    this.#log.info('certificate.serves', { source, names: read.subjectAltName, until })
  }

  async #selfSign(): Promise<void> {
    const { folder, names } = this.#settings
    const kept = await this.#read(selfSignedFiles)
    if (kept !== undefined && this.#isUsable(kept.pair)) return this.#takeUp(kept, 'self-signed')
    const pair = await makeSelfSigned(names, this.#clock.now())
    await replaceFile(join(folder, selfSignedFiles.key), pair.key)
    await replaceFile(join(folder, selfSignedFiles.certificate), pair.certificate)
    this.#takeUp({ pair, digest: digestOf(pair) }, 'self-signed')
  }

  #isUsable(pair: KeyPair): boolean {
    try {
      secureContext('intermediate', pair)
      return isStillGood(pair.certificate, this.#settings.names, this.#clock.now())
    } catch {
      return false // cut off, or of two different pairs: made anew
    }
  }

  #warnOfExpiry(): void {
    const now = this.#clock.now()
    const left = Math.floor((this.#expiresAt - now) / dayMs)
    if (left >= warnDays || now - this.#warnedAt < dayMs) return
    this.#warnedAt = now
    this.#log.warn('certificate.expires', {
      days_left: left,
      todo: 'renew the files in the certificate folder',
    })
  }
}

function digestOf({ certificate, key }: KeyPair): string {
  return createHash('sha256').update(certificate).update('\0').update(key).digest('hex')
}

function isMissing(cause: unknown): boolean {
  const { code } = cause as { code?: string }
  return code === 'ENOENT' || code === 'ENOTDIR'
}
