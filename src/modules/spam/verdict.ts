import type { AccountId } from '../../ports/accounts.ts'
import type { Judgement } from '../../ports/spam-judge.ts'
import type { Force, Hit } from './rules/rule.ts'

/** Rspamd's scores, as Mailu leaves them. */
export const rejectFrom = 15
export const markFrom = 6
/** Fewer points than these of rules alone refuse nothing: what people taught files mail. */
const rejectedLooks = 6

/** All that speaks for and against one message. */
export interface Found {
  readonly rules: readonly Hit[]
  /** What experience says: everybody's, or that of the only one who gets it. */
  readonly taught: readonly Hit[]
  /** What their own experience says to those among several who have some. */
  readonly personal: readonly { readonly account: AccountId; readonly taught: readonly Hit[] }[]
}

/** What is made of a message. What forces goes before points; one reply goes out for all, so it is refused where everybody would. */
export function judgementOf({ rules, taught, personal }: Found): Judgement {
  const all = [...rules, ...taught]
  const weighed = weigh(all)
  const forced = all.find(({ forces }) => forces?.action === 'reject') ?? all.find(({ forces }) => forces)
  if (forced?.forces) return { ...weighed, ...outcomeOf(forced.forces), forcedBy: forced.symbol, headers: '' }
  const parts = personal.map((one) => ({ account: one.account, ...weigh([...rules, ...one.taught]) }))
  const least = Math.min(weighed.score, ...parts.map(({ score }) => score))
  if (least >= rejectFrom && total(rules) >= rejectedLooks)
    return { ...weighed, ...outcomeOf(asSpam), headers: '' }
  return { ...weighed, action: 'accept', ...(parts.length > 0 && { personal: parts }) }
}

/** Reasons that come of what was taught, or of earlier mail. */
export const isExperience = (name: string): boolean =>
  /^(?:BAYES|FUZZY|LISTED)_|_REPUTATION_|^(?:REPLY|KNOWN_SENDER)$/.test(name)

const greylistFrom = 4

/** Whether it looks like spam to everybody who gets it, and not so much that it is refused. */
export function isDoubtful({ action, score, personal = [] }: Judgement): boolean {
  return (
    action === 'accept' && [score, ...personal.map((one) => one.score)].every((one) => one >= greylistFrom)
  )
}

/** The same, to come again: from whoever sends like a server, it does. */
export function putOff(judgement: Judgement): Judgement {
  const reasons = [
    ...judgement.reasons,
    { name: 'GREYLIST', score: 0, why: 'is from a sender we do not know, who is asked to send it again' },
  ]
  return { ...judgement, reasons, ...outcomeOf(again), headers: '' }
}

const again: Force = { action: 'later', text: 'Message not accepted yet, try again later' }

/** Of our own people nothing is weighed; what forces holds for them too. */
export function judgementOfOwn(hits: readonly Hit[]): Judgement {
  const forcing = hits.filter(({ forces }) => forces)
  return forcing.length > 0 ? judgementOf({ rules: forcing, taught: [], personal: [] }) : unweighed
}

export const unweighed: Judgement = { action: 'accept', score: 0, reasons: [], headers: '' }

const asSpam: Force = {
  action: 'reject',
  text: 'Message refused as spam; if it is not, ask its recipient by other means',
}

function outcomeOf({
  action,
  text,
}: Force): Pick<Judgement, 'action'> & Required<Pick<Judgement, 'refusal'>> {
  const [code, status] = action === 'reject' ? [550, '5.7.1'] : [451, '4.7.1']
  return { action, refusal: { code, status, text } }
}

function weigh(hits: readonly Hit[]): Pick<Judgement, 'score' | 'reasons' | 'headers'> {
  const score = total(hits)
  const reasons = hits.map(({ symbol, weight, why, parameters }) => ({
    name: symbol,
    score: rounded(weight),
    why,
    ...(parameters && { parameters }),
  }))
  return { score, reasons, headers: headersFor(score) }
}

const rounded = (points: number): number => Math.round(points * 100) / 100
const total = (hits: readonly Hit[]): number => rounded(hits.reduce((sum, { weight }) => sum + weight, 0))

const longestBar = 50

/** As Mailu's rspamd writes them. */
function headersFor(score: number): string {
  const points = Math.min(longestBar, Math.floor(Math.abs(score)))
  const bar = points === 0 ? '/' : (score > 0 ? '+' : '-').repeat(points)
  const level = score < 1 ? '' : `X-Spam-Level: ${'*'.repeat(points)}\r\n`
  return `X-Spamd-Bar: ${bar}\r\n${level}${score >= markFrom ? 'X-Spam: Yes\r\n' : ''}`
}
