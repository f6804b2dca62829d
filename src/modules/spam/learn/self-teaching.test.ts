import { expect, test } from 'vitest'
import { account } from '../../../../test/support/store.ts'
import type { Judgement } from '../../../ports/spam-judge.ts'
import { ownLesson } from './self-teaching.ts'

function judgement(points: Readonly<Record<string, number>>, more: Partial<Judgement> = {}): Judgement {
  const reasons = Object.entries(points).map(([name, score]) => ({ name, score, why: '' }))
  const score = reasons.reduce((sum, one) => sum + one.score, 0)
  return { action: 'accept', score, reasons, headers: '', ...more }
}
const personal = (score: number) => [{ account: account(1), score, reasons: [], headers: '' }]
const spam = { DBL_SPAM: 6.5, RBL_SPAMHAUS_XBL: 4, BAYES_SPAM: 3 }
const wanted = { REPLY: -4, KNOWN_SENDER: -3, R_SPF_ALLOW: -0.2 }

test.each<[string, Judgement, boolean | undefined]>([
  ['what is in lists, and looks like spam too', judgement(spam), true],
  ['what is refused for that', judgement({ ...spam, MISSING_TO: 2 }, { action: 'reject' }), true],
  ['an answer of somebody whom its reader has written to', judgement(wanted), false],
  ['what only claims to answer us', judgement({ REPLY: -4, DMARC_POLICY_ALLOW: -0.5 }), undefined],
  ['somebody whom its reader writes to', judgement({ KNOWN_SENDER: -3, MISSING_MID: 2.5 }), false],
  [
    'what is above everybody’s threshold for what was learned alone',
    judgement({ BAYES_SPAM: 14 }),
    undefined,
  ],
  ['what only lists speak against', judgement({ DBL_SPAM: 6.5, RBL_SPAMHAUS_XBL: 4 }), undefined],
  ['what somebody moved to Junk before', judgement({ FUZZY_DENIED: 12, MISSING_TO: 2 }), undefined],
  ['what comes from who sent spam before', judgement({ FROM_REPUTATION_SPAM: 4, BAYES_SPAM: 10 }), undefined],
  ['what is signed and harmless', judgement({ R_DKIM_ALLOW: -0.2, DMARC_POLICY_ALLOW: -0.5 }), undefined],
  ['an answer to us that looks like spam', judgement({ REPLY: -4, ...spam }), undefined],
  ['an answer to us that words speak against', judgement({ REPLY: -4, BAYES_SPAM: 5 }), undefined],
  ['what was forced', judgement(spam, { action: 'reject', forcedBy: 'GTUBE' }), undefined],
  ['what has to come again', judgement(spam, { action: 'later' }), undefined],
  ['what one of its readers takes for wanted', judgement(spam, { personal: personal(4) }), undefined],
  [
    'an answer that one of its readers takes for spam',
    judgement(wanted, { personal: personal(7) }),
    undefined,
  ],
])('the filter teaches itself of %s', (_, judged, expected) => {
  expect(ownLesson(judged)).toBe(expected)
})
