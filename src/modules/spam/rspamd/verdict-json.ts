import type { Judgement } from '../../../ports/spam-judge.ts'
import { markFrom, rejectFrom } from '../verdict.ts'

export type RspamdAction = 'no action' | 'greylist' | 'add header' | 'soft reject' | 'reject'

export const thresholds = { reject: rejectFrom, 'add header': markFrom }

/** What rspamd would call it. */
export function actionOf({
  action,
  score,
  reasons,
}: Pick<Judgement, 'action' | 'score' | 'reasons'>): RspamdAction {
  switch (action) {
    case 'reject':
      return 'reject'
    case 'later':
      return reasons.some(({ name }) => name === 'GREYLIST') ? 'greylist' : 'soft reject'
    case 'junk':
      return 'add header'
    case 'accept':
      return score >= markFrom ? 'add header' : 'no action'
  }
}

/** Rspamd's answer to /checkv2. */
export function verdictJson(
  judgement: Judgement,
  { messageId, seconds }: { messageId: string | undefined; seconds: number },
): object {
  const { score, headers, refusal } = judgement
  const added = [...headers.matchAll(/^([\w-]+): (.*)\r$/gm)].map(([, name = '', value]) => [
    name,
    { value, order: -1 },
  ])
  return {
    is_skipped: false,
    score,
    required_score: rejectFrom,
    action: actionOf(judgement),
    thresholds,
    symbols: symbolsJson(judgement),
    messages: refusal ? { smtp_message: refusal.text } : {},
    urls: [],
    emails: [],
    'message-id': messageId ?? 'undef',
    time_real: seconds,
    milter: { add_headers: Object.fromEntries(added) as object },
  }
}

export function symbolsJson({ reasons }: Pick<Judgement, 'reasons'>): object {
  return Object.fromEntries(
    reasons.map(({ name, score, why, parameters }) => [
      name,
      { name, score, metric_score: score, description: why, ...(parameters && { options: parameters }) },
    ]),
  )
}
