import { X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import type { LocalDomains } from '../../../ports/addresses.ts'
import type { CertificateRenewal, CertificateTrouble } from '../../../ports/certificate-care.ts'
import type { DnsResolver } from '../../../ports/dns-resolver.ts'
import type { Clock, Log } from '../../../ports/runtime.ts'
import type { AuthoritySettings } from '../settings.ts'
import { dnsNamesOf } from '../shelf.ts'
import type { KeyPair } from '../tls-profile.ts'
import type { Challenges } from './challenges.ts'
import type { FailedName } from './errand.ts'
import { type Authority, type IssueOutcome, issue } from './issue.ts'
import { accountKey, type Lineage, LineageFiles } from './lineages.ts'
import { type LineageNotes, type NotedTrouble, Notes, noNotes } from './notes.ts'
import { askRenewalInfo, certificateId, renewalInfoUrl } from './renewal-info.ts'
import { backoffMs, renewalDue } from './schedule.ts'
import { nameTrouble, orderTrouble } from './trouble.ts'
import { wantedLineages } from './wanted.ts'

interface KeeperParts {
  /** `certs/letsencrypt` */
  readonly folder: string
  /** HOSTNAMES */
  readonly names: readonly string[]
  readonly settings: AuthoritySettings
  readonly authority: Authority
  readonly challenges: Challenges
  readonly domains: LocalDomains
  readonly dns: DnsResolver
  readonly clock: Clock
  readonly log: Log
  /** There is something new in the files. */
  readonly changed: () => Promise<void>
}

interface Attempt {
  readonly certificate: X509Certificate | undefined
  readonly how: 'now' | 'when due'
  /** Names that are known to fail now. */
  readonly without: readonly string[]
}

/** Names, domains and the authority's wishes change; nothing of that is urgent. */
const roundMs = 3_600_000

/** Sees to it that there is a certificate for every name, and a new one before its end. */
export class Keeper {
  readonly #parts: KeeperParts
  readonly #files: LineageFiles
  readonly #notes: Notes
  readonly #stopped = new AbortController()
  #wanted: readonly Lineage[] = []
  #renewalInfo: { readonly url: string | undefined; readonly askAgainAt: number } | undefined
  #working: Promise<void> = Promise.resolve()

  constructor(parts: KeeperParts) {
    this.#parts = parts
    this.#files = new LineageFiles(parts.folder)
    this.#notes = new Notes(join(parts.folder, 'homepost.json'))
  }

  start(): void {
    void this.#keep()
  }

  stop(): void {
    this.#stopped.abort()
  }

  /** Asks for all of them now. */
  async renew(): Promise<CertificateRenewal> {
    await this.#round('now')
    return (await this.troubles()).length === 0 ? { kind: 'done' } : { kind: 'troubled' }
  }

  async troubles(): Promise<readonly CertificateTrouble[]> {
    const all = await this.#notes.all()
    const found = Object.values(all).flatMap(({ troubles = [], nextTry = 0 }) =>
      troubles.map((trouble) => ({ ...trouble, nextTry })),
    )
    // RSA and ECDSA fail for the same reason.
    return found.filter((each, index) => found.findIndex(({ text }) => text === each.text) === index)
  }

  /** Serial number of a certificate → when its successor is asked for; UTC milliseconds. */
  async nextTries(): Promise<ReadonlyMap<string, number>> {
    const tries = new Map<string, number>()
    for (const [id, notes] of Object.entries(await this.#notes.all())) {
      const certificate = await this.#files.certificate(id)
      if (certificate) tries.set(certificate.serialNumber, notes.nextTry ?? renewalDue(certificate, notes))
    }
    return tries
  }

  async #keep(): Promise<void> {
    const { clock, log } = this.#parts
    while (!this.#stopped.signal.aborted) {
      const failed = await this.#round('when due').then(
        () => false,
        (cause: unknown) => {
          // who waits for an answer when the server stops gets none
          if (!this.#stopped.signal.aborted) log.error('certificate.keeping-failed', cause)
          return true
        },
      )
      const next = Object.values(await this.#notes.all()).map(
        ({ nextTry }) => nextTry ?? Number.POSITIVE_INFINITY,
      )
      // Where a disk is full or a file cannot be read, nothing is gained by asking soon.
      const soonest = failed ? roundMs : 1000
      const pause = Math.min(roundMs, Math.max(soonest, Math.min(...next) - clock.now()))
      await clock.sleep(pause, this.#stopped.signal)
    }
  }

  /** One at a time: somebody who asks for it waits for the one that runs. */
  #round(how: 'now' | 'when due'): Promise<void> {
    const round = this.#working.then(() => this.#look(how))
    this.#working = round.catch(() => undefined)
    return round
  }

  async #look(how: 'now' | 'when due'): Promise<void> {
    const { names, settings, domains, dns, clock } = this.#parts
    const reading = await this.#files.read()
    const had = reading === undefined ? [] : reading.offers.flat().flatMap(namesIn)
    this.#wanted = await wantedLineages({ names, prefixes: settings.prefixes, domains, dns, clock, had })
    await this.#notes.keepOnly(this.#wanted.map(({ id }) => id))
    let unproven: readonly string[] = []
    for (const lineage of this.#wanted) {
      if (this.#stopped.signal.aborted) return
      const certificate = await this.#files.certificate(lineage.id)
      const notes = await this.#renewalNotes(lineage, certificate)
      if (how === 'when due' && clock.now() < dueAt(lineage, certificate, notes)) continue
      // What is in the way of the first of the two is in the way of the other: an authority counts failures.
      unproven = await this.#obtain(lineage, {
        certificate,
        how,
        without: lineage.key === 'RSA' ? unproven : [],
      })
    }
  }

  /** Returns the names that could not be proven. */
  async #obtain(lineage: Lineage, { certificate, how, without }: Attempt): Promise<readonly string[]> {
    const names = lineage.names.filter((name) => !without.includes(name))
    if (names.length === 0) return await this.#shareTrouble(lineage, without)
    await this.#noteAttempt(lineage)
    const outcome = await this.#ask({ ...lineage, names }, certificate, how)
    if (this.#stopped.signal.aborted) return []
    const troubles = this.#troublesOf(outcome.issue, { ...lineage, names })
    if (outcome.issue.kind === 'issued') {
      await this.#files.keep(lineage.id, { certificate: outcome.issue.chain, key: outcome.key })
      this.#parts.log.info('certificate.issued', { lineage: lineage.id, names: names.join(', ') })
    }
    const retryAfterMs = outcome.issue.kind === 'refused' ? outcome.issue.problem.retryAfterMs : undefined
    await this.#note(lineage, troubles, retryAfterMs)
    if (troubles.length === 0 && without.length > 0) await this.#shareTrouble(lineage, without)
    if (outcome.issue.kind === 'issued') await this.#parts.changed()
    return [...without, ...troubles.flatMap((trouble) => trouble.names)]
  }

  async #ask(
    lineage: Lineage,
    certificate: X509Certificate | undefined,
    how: Attempt['how'],
  ): Promise<{ readonly issue: IssueOutcome; readonly key: string }> {
    const { folder, settings, authority, challenges, clock } = this.#parts
    const { directory, contact, binding, challenge } = settings
    const had = certificate === undefined ? [] : dnsNamesOf(certificate)
    const notes = await this.#notes.of(lineage.id)
    const isDue = how === 'now' || certificate === undefined || clock.now() >= renewalDue(certificate, notes)
    const key = await this.#files.key(lineage)
    const account = { directory, contact, binding, key: await accountKey(folder, directory) }
    const replaces = await this.#replaced(certificate)
    // The same names again, while the last certificate is still young, are not worth one of the few an authority gives.
    const enough = (names: readonly string[]) => isDue || names.some((name) => !had.includes(name))
    const request = { account, challenge, names: lineage.names, key, replaces, enough }
    return { issue: await issue(request, authority, challenges), key }
  }

  #troublesOf(outcome: IssueOutcome, { names }: Lineage): NotedTrouble[] {
    const { settings, clock } = this.#parts
    const at = clock.now()
    if (outcome.kind === 'refused')
      return [{ names, at, ...orderTrouble(outcome.problem, settings.directory) }]
    return outcome.failed.map(({ name, problem }: FailedName) => ({
      names: [name],
      at,
      ...nameTrouble(name, problem, settings.challenge),
    }))
  }

  /** Before anybody is asked: a server that dies in the middle, again and again, must not ask more often than others. */
  async #noteAttempt({ id }: Lineage): Promise<void> {
    const before = await this.#notes.of(id)
    const failures = before.failures + 1
    await this.#notes.set(id, { ...before, failures, nextTry: this.#parts.clock.now() + backoffMs(failures) })
  }

  async #note(lineage: Lineage, troubles: readonly NotedTrouble[], retryAfterMs = 0): Promise<void> {
    const { clock, log } = this.#parts
    if (troubles.length === 0) return this.#notes.set(lineage.id, noNotes)
    const notes = await this.#notes.of(lineage.id)
    const nextTry = clock.now() + Math.max(backoffMs(notes.failures), retryAfterMs)
    await this.#notes.set(lineage.id, { ...notes, nextTry, troubles })
    for (const { names, text, todo } of troubles) {
      log.warn('certificate.not-issued', {
        lineage: lineage.id,
        names: names.join(', '),
        cause: text,
        todo,
        next_try: new Date(nextTry).toISOString(),
      })
    }
  }

  /** The trouble of the lineage that was tried before this one. */
  async #shareTrouble(lineage: Lineage, names: readonly string[]): Promise<readonly string[]> {
    const [first] = this.#wanted
    if (first) {
      const { failures, nextTry, troubles } = await this.#notes.of(first.id)
      const own = await this.#notes.of(lineage.id)
      const shared = { failures, ...(nextTry !== undefined && { nextTry }), ...(troubles && { troubles }) }
      await this.#notes.set(lineage.id, { ...own, ...shared })
    }
    return names
  }

  /** RFC 9773 §4.3: asked as often as the authority wants. */
  async #renewalNotes({ id }: Lineage, certificate: X509Certificate | undefined): Promise<LineageNotes> {
    const notes = await this.#notes.of(id)
    const now = this.#parts.clock.now()
    if (certificate === undefined) return notes
    const { renewal } = notes
    const isOfThis = renewal?.serial === certificate.serialNumber
    if (isOfThis && now < renewal.askAgainAt) return notes
    const url = await this.#renewalInfoUrl()
    const told = url === undefined ? undefined : await askRenewalInfo(url, certificate, now)
    if (told === undefined) return notes
    // A moment once chosen stays, while the window holds it: otherwise the end of the window would be chosen most often.
    const renewAt = isOfThis ? Math.min(renewal.renewAt, told.renewAt) : told.renewAt
    const fresh = { ...notes, renewal: { ...told, renewAt, serial: certificate.serialNumber } }
    await this.#notes.set(id, fresh)
    return fresh
  }

  async #renewalInfoUrl(): Promise<string | undefined> {
    const { clock, settings } = this.#parts
    if (this.#renewalInfo === undefined || clock.now() >= this.#renewalInfo.askAgainAt) {
      const url = await renewalInfoUrl(settings.directory)
      this.#renewalInfo = { url, askAgainAt: clock.now() + 24 * roundMs }
    }
    return this.#renewalInfo.url
  }

  async #replaced(certificate: X509Certificate | undefined): Promise<string | undefined> {
    if (certificate === undefined || (await this.#renewalInfoUrl()) === undefined) return undefined
    return certificateId(certificate)
  }
}

/** UTC milliseconds. */
function dueAt({ names }: Lineage, certificate: X509Certificate | undefined, notes: LineageNotes): number {
  if (notes.nextTry !== undefined) return notes.nextTry
  if (certificate === undefined) return 0
  const had = dnsNamesOf(certificate)
  return names.every((name) => had.includes(name)) ? renewalDue(certificate, notes) : 0
}

const namesIn = ({ certificate }: KeyPair) => dnsNamesOf(new X509Certificate(certificate))
