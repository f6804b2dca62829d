import { type FSWatcher, watch } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { nextTurn } from '../../platform/next-turn.ts'
import type { Clock, Log } from '../../ports/runtime.ts'
import { type Reading, readFiles, readSelfSigned, writeSelfSigned } from './certificate-files.ts'
import { publishedRoots } from './chains.ts'
import { isStillGood, makeSelfSigned } from './self-signed.ts'
import type { CertificateSettings } from './settings.ts'
import { dnsNamesOf, Shelf } from './shelf.ts'
import { checkPair } from './tls-profile.ts'
import { readTraefik } from './traefik-file.ts'

/** Where certificates come from; the first that has any wins. */
export interface Source {
  /** Undefined where there is nothing. Throws where what is there cannot be read. */
  read(): Promise<Reading | undefined>
  /** For people: what to do where that cannot serve. */
  readonly todo: string
}

/** Where the folder's changes are not told (network shares, some container volumes), it is looked at this often. */
const lookEveryMs = 60_000
/** The two files of a pair are written one after the other. */
const settleMs = 500
const warnDays = 14
const dayMs = 24 * 3600 * 1000

/**
 * The certificates that serve now. Where there are none, or they are broken at start, a self-signed one serves. New ones
 * are taken up for new connections; broken new ones leave the old ones serving.
 */
export class Certificates {
  readonly #settings: CertificateSettings
  readonly #sources: readonly Source[]
  readonly #clock: Clock
  readonly #log: Log
  readonly #stopped = new AbortController()
  readonly #watchers: FSWatcher[] = []
  #shelf: Shelf | undefined
  #serving: { readonly source: Source | 'self-signed'; readonly digest: string } | undefined
  /** What could not serve: said once. */
  readonly #refused = new Map<Source, string>()
  #warnedAt = 0
  #wake = new AbortController()

  /** `authority`: what it has given us, where it is asked at all. */
  constructor(settings: CertificateSettings, authority: Source | undefined, clock: Clock, log: Log) {
    this.#settings = settings
    this.#sources = [...(authority ? [authority] : []), ...sourcesOf(settings)]
    this.#clock = clock
    this.#log = log
  }

  async start(): Promise<void> {
    const { folder, traefikFile } = this.#settings
    await this.read()
    this.#watch(folder)
    if (traefikFile !== undefined) this.#watch(dirname(traefikFile))
    void this.#keepLooking()
  }

  /** Without watching what becomes of it. */
  async read(): Promise<void> {
    await mkdir(this.#settings.folder, { recursive: true, mode: 0o700 })
    await this.look()
  }

  stop(): void {
    this.#stopped.abort()
    this.#wake.abort()
    for (const watcher of this.#watchers) watcher.close()
  }

  /** What serves a handshake that begins now. */
  get shelf(): Shelf {
    if (this.#shelf === undefined) throw new Error('certificates are not started')
    return this.#shelf
  }

  /** UTC milliseconds. */
  expiresAt(): number {
    return this.#shelf?.expiresAt ?? 0
  }

  /** Reads the files and takes up what is new. Files that disappear serve on until others come or the process ends. */
  async look(): Promise<void> {
    for (const source of this.#sources) {
      const serves = this.#serving?.source === source
      if ((await this.#tryFrom(source)) || serves) return this.#warnOfExpiry()
    }
    await this.#selfSign()
    this.#warnOfExpiry()
  }

  /** True where this source serves from now on. */
  async #tryFrom(source: Source): Promise<boolean> {
    let digest = ''
    try {
      const reading = await source.read()
      if (reading === undefined || reading.digest === this.#refused.get(source)) return false
      digest = reading.digest
      await this.#takeUp(reading, source)
      return true
    } catch (cause) {
      const text = cause instanceof Error ? cause.message : String(cause)
      if (this.#refused.get(source) === (digest || text)) return false
      this.#refused.set(source, digest || text)
      this.#log.warn('certificate.unusable', {
        cause: text,
        serving: this.#serving === undefined ? 'a self-signed certificate' : 'the certificate of before',
        todo: source.todo,
      })
      return false
    }
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

  #watch(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#wake.abort())
      this.#watchers.push(watcher.on('error', (cause) => this.#notWatched(folder, cause)))
    } catch (cause) {
      this.#notWatched(folder, cause as Error)
    }
  }

  #notWatched(folder: string, cause: Error): void {
    this.#log.warn('certificate.not-watched', {
      folder,
      cause: cause.message,
      todo: `nothing: it is looked at every ${lookEveryMs / 1000} seconds`,
    })
  }

  async #takeUp({ name, offers, digest }: Reading, source: Source | 'self-signed'): Promise<void> {
    if (digest === this.#serving?.digest) return
    // Nobody has issued a self-signed one; and there are many to look through.
    const roots = source === 'self-signed' ? [] : publishedRoots()
    await nextTurn()
    const { leavesOutRoots } = this.#settings
    const shelf = new Shelf({ source: name, offers, roots, leavesOutRoots })
    this.#shelf = shelf
    this.#serving = { source, digest }
    this.#warnedAt = 0
    this.#log.info('certificate.serves', {
      source: name,
      names: [...new Set(shelf.certificates.flatMap(dnsNamesOf))].join(', '),
      until: new Date(shelf.expiresAt).toISOString(),
    })
  }

  async #selfSign(): Promise<void> {
    const { folder, names } = this.#settings
    const kept = await readSelfSigned(folder)
    if (kept !== undefined && this.#isUsable(kept)) return this.#takeUp(kept, 'self-signed')
    const made = await writeSelfSigned(folder, await makeSelfSigned(names, this.#clock.now()))
    await this.#takeUp(made, 'self-signed')
  }

  #isUsable({ offers: [[pair]] }: Reading): boolean {
    if (pair === undefined) return false
    try {
      checkPair(pair)
      return isStillGood(pair.certificate, this.#settings.names, this.#clock.now())
    } catch {
      return false // cut off, or of two different pairs: made anew
    }
  }

  #warnOfExpiry(): void {
    const now = this.#clock.now()
    const left = Math.floor((this.expiresAt() - now) / dayMs)
    if (left >= warnDays || now - this.#warnedAt < dayMs) return
    this.#warnedAt = now
    this.#log.warn('certificate.expires', {
      days_left: left,
      todo:
        this.#settings.authority === undefined
          ? 'renew the files in the certificate folder'
          : '"homepost certificates status" tells why it was not renewed',
    })
  }
}

function sourcesOf({ folder, certificate, key, traefikFile, names }: CertificateSettings): Source[] {
  const files: Source = {
    read: () => readFiles(folder, { certificate, key }),
    todo: `put a PEM certificate chain and its own private key into ${folder}: ${certificate}, ${key}`,
  }
  if (traefikFile === undefined) return [files]
  const traefik: Source = {
    read: () => readTraefik(traefikFile, names),
    todo: `look whether ${traefikFile} is the file in which Traefik keeps its certificates, and can be read by this user`,
  }
  return [traefik, files]
}
