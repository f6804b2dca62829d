import { createSecureContext, type SecureContext } from 'node:tls'
import type { DnsResolver } from '../../../ports/dns-resolver.ts'
import type { Clock } from '../../../ports/runtime.ts'
import { awaitSpread } from './dns-spread.ts'
import { type DnsUpdateSettings, updateRecord } from './dns-update.ts'
import type { FailedName, Task } from './errand.ts'

interface ChallengeParts {
  readonly dns: DnsResolver
  readonly clock: Clock
  readonly update: DnsUpdateSettings | undefined
}

const wellKnown = '/.well-known/acme-challenge/'
const lookUpMs = 10_000

/** What the authority is to find: on port 80, on port 443, in DNS. */
export class Challenges {
  readonly #parts: ChallengeParts
  readonly #proofs = new Map<string, string>()
  readonly #certificates = new Map<string, SecureContext>()
  /** Task → where its record really is. */
  readonly #records = new Map<Task, string>()

  constructor(parts: ChallengeParts) {
    this.#parts = parts
  }

  /** RFC 8555 §8.3: the answer to a request on port 80. Undefined for whatever is not asked by an authority. */
  proofAt(path: string): string | undefined {
    return path.startsWith(wellKnown) ? this.#proofs.get(path.slice(wellKnown.length)) : undefined
  }

  /** RFC 8737 §3: whether any greeting on port 443 is worth reading. */
  get awaitsGreeting(): boolean {
    return this.#certificates.size > 0
  }

  certificateFor(serverName: string | undefined): SecureContext | undefined {
    return this.#certificates.get(serverName ?? '')
  }

  /** Makes it be found. What cannot be is told, name by name. */
  async present(tasks: readonly Task[]): Promise<FailedName[]> {
    const failed: FailedName[] = []
    for (const task of tasks) {
      switch (task.kind) {
        case 'http-01':
          this.#proofs.set(task.token, task.proof)
          break
        case 'tls-alpn-01':
          if (task.certificate)
            this.#certificates.set(
              task.name,
              createSecureContext({ cert: task.certificate.certificate, key: task.certificate.key }),
            )
          break
        case 'dns-01': {
          const trouble = await this.#write(task)
          if (trouble !== undefined)
            failed.push({
              name: task.name,
              problem: { type: 'dns-update', text: trouble, retryAfterMs: undefined },
            })
        }
      }
    }
    return failed
  }

  async withdraw(tasks: readonly Task[]): Promise<void> {
    for (const task of tasks) {
      this.#proofs.delete(task.token)
      this.#certificates.delete(task.name)
      const name = this.#records.get(task)
      const { update, clock } = this.#parts
      if (name === undefined || update === undefined) continue
      this.#records.delete(task)
      // What stays in DNS harms nobody: the authority looks for another text next time.
      await updateRecord({ name, text: task.proof }, 'remove', { settings: update, clock })
    }
  }

  /** RFC 8555 §8.4. A text where it failed. */
  async #write(task: Task): Promise<string | undefined> {
    const { update, clock, dns } = this.#parts
    if (update === undefined) return 'ACME_DNS_SERVER is not set'
    const name = await this.#placeOf(`_acme-challenge.${task.name}`)
    const outcome = await updateRecord({ name, text: task.proof }, 'add', { settings: update, clock })
    if (outcome.kind === 'refused') return outcome.text
    this.#records.set(task, name)
    await awaitSpread(outcome.zone, { name, text: task.proof }, { dns, clock, port: 53 })
    return undefined
  }

  /** An alias leads authorities to where the record may be written. */
  async #placeOf(name: string): Promise<string> {
    const { dns, clock } = this.#parts
    const found = await dns.resolve({ name, type: 'CNAME', deadlineMs: clock.now() + lookUpMs })
    const alias = found.kind === 'records' ? found.records.find(({ type }) => type === 'CNAME') : undefined
    return alias !== undefined && 'target' in alias ? alias.target : name
  }
}
