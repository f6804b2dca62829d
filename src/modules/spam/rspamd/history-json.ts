import type { JudgedMessage } from '../../../ports/spam-history.ts'
import { rejectFrom } from '../verdict.ts'
import { actionOf, symbolsJson, thresholds } from './verdict-json.ts'

/** Rspamd's answer to /history, of its second version. */
export function historyJson(judged: readonly JudgedMessage[]): object {
  return { version: 2, rows: judged.map(rowOf) }
}

function rowOf({ id, at, ip, sender, recipients, from, subject, size, judgement }: JudgedMessage): object {
  return {
    id,
    unix_time: at / 1000,
    ip,
    sender_smtp: sender,
    sender_mime: from,
    rcpt_smtp: recipients,
    rcpt_mime: recipients,
    subject,
    size,
    score: judgement.score,
    required_score: rejectFrom,
    thresholds,
    action: actionOf(judgement),
    symbols: symbolsJson(judgement),
    user: 'unknown',
    'message-id': id,
    time_real: 0,
  }
}
