import { setImmediate as nextTurn } from 'node:timers/promises'
import { parseAddress } from '../../../lib/address.ts'
import type { AccountId } from '../../../ports/accounts.ts'
import type { LocalDomains } from '../../../ports/addresses.ts'
import type { Backtest, JudgedMessage } from '../../../ports/spam-history.ts'
import type { Judgement } from '../../../ports/spam-judge.ts'
import { fileRules } from '../files/file-rules.ts'
import { signsOfLists } from '../lists/dns-lists.ts'
import { signsOfNames } from '../lists/sender-names.ts'
import { Looker, octetsRead } from '../looker.ts'
import { applyRules, type Hit, type Sign, weighed } from '../rules/rule.ts'
import { isExperience, judgementOf } from '../verdict.ts'
import { StoredMessages, type StoredParts } from './stored-messages.ts'

export interface AgainParts extends StoredParts {
  readonly domains: LocalDomains
}

type Counts = Omit<NonNullable<Backtest['again']>, 'refused'>
type Kept = JudgedMessage['judgement']['reasons']

/** Judges stored messages by today's rules, in the context that was kept when they came. */
export class Again {
  readonly #parts: AgainParts
  readonly #looker = new Looker()
  readonly #stored: StoredMessages
  readonly counts: { -readonly [Name in keyof Counts]: number } = { judged: 0, gone: 0, old: 0 }

  constructor(parts: AgainParts, messages: readonly JudgedMessage[]) {
    this.#parts = parts
    this.#stored = new StoredMessages(parts, messages)
  }

  /** Undefined where it cannot be; `counts` tells why. */
  async judge(message: JudgedMessage, accounts: readonly AccountId[]): Promise<Judgement | undefined> {
    // Mail is served between two of them.
    await nextTurn()
    const { client, judgement } = message
    if (!client) {
      this.counts.old++
      return undefined
    }
    const octets = await this.#stored.find(message, accounts)
    if (!octets) {
      this.counts.gone++
      return undefined
    }
    this.counts.judged++
    const came = {
      arrival: {
        sender: parseAddress(message.sender),
        recipients: message.recipients.map((address) => ({
          address,
          notify: undefined,
          originalRecipient: undefined,
        })),
        client: { ip: message.ip, helo: client.helo, tls: client.tls },
        receivedAt: message.at,
        repliesEach: client.repliesEach,
      },
      checks: message.checks,
      ours: new Set<string>(await this.#parts.domains.list()),
    }
    const looked = await this.#looker.look({ octets: octets.subarray(0, octetsRead), index: undefined, came })
    const files =
      message.size > octetsRead
        ? asWeighed(judgement.reasons, fileRules)
        : applyRules(fileRules, looked.files)
    const rules = [...looked.content, ...looked.arrival, ...files, ...asWeighed(judgement.reasons, asked)]
    return judgementOf({ rules, taught: experienceIn(judgement.reasons), personal: [] })
  }
}

/** What others were asked then, and would answer otherwise today. */
const asked: readonly Sign[] = [...signsOfLists, ...signsOfNames]

/** Signs of these that were found then, with today's weights. */
function asWeighed(kept: Kept, signs: readonly Sign[]): Hit[] {
  return weighed(
    kept.flatMap(({ name, parameters }) => {
      const sign = signs.find(({ symbol }) => symbol === name)
      return sign ? [{ sign, ...(parameters && { parameters }) }] : []
    }),
  )
}

const experienceIn = (kept: Kept): Hit[] =>
  kept
    .filter(({ name }) => isExperience(name))
    .map(({ name, score, why }) => ({ symbol: name, weight: score, why }))
