import type { Context } from 'hono'
import type { UserRow } from '../../ports/directory-rows.ts'
import { page } from '../site/page.ts'
import { type Env, fieldsOf, keepSession, seenOf } from '../site/visit.ts'
import type { SignInParts } from './enter.ts'
import { passwordForm, shortestPassword } from './password-form.ts'
import { retryAfter } from './retry-after.ts'

interface Mistake {
  readonly text: string
  readonly status: 422 | 429 | 503
}

/** Where its form stands, and where to go afterwards. */
interface Place {
  readonly user: UserRow
  readonly title: string
  readonly path: string
  readonly next: string
}

/** Every session ends then, and this browser has a new one. */
export async function changePassword(
  c: Context<Env>,
  parts: SignInParts,
  { user, title, path, next }: Place,
) {
  const mistake = await change(c, parts, user)
  if (!mistake) return c.redirect(next, 303)
  return c.html(page(c.var.frame, title, passwordForm(c.var.frame, path, mistake.text)), mistake.status)
}

async function change(
  c: Context<Env>,
  { credentials, breached, admin, sessions, sessionSeconds }: SignInParts,
  { address }: UserRow,
): Promise<Mistake | undefined> {
  const { t } = c.get('frame')
  const field = await fieldsOf(c)
  const [old, password] = [field('oldpw'), field('pw')]
  const wrong = (text: string): Mistake => ({ text, status: 422 })
  if (password.length < shortestPassword) return wrong(t('password.too-short', { count: shortestPassword }))
  if (password !== field('pw2')) return wrong(t('password.differ'))
  if (password === old) return wrong(t('password.same'))
  const { ip, connectionId: connection } = c.env.client
  const verdict = await credentials.verify({ login: address, password: old, service: 'web', ip, connection })
  if (verdict.kind === 'refused') return wrong(t('password.old-wrong'))
  if (verdict.kind === 'throttled')
    return { text: t('sign-in.throttled', { count: retryAfter(c, verdict) }), status: 429 }
  if (verdict.kind === 'later') return awayFor(c)
  // After the old one was right: nobody else makes this server ask.
  if ((await breached.look(password)) === 'breached') return wrong(t('password.breached'))
  const changed = await admin.set('user', address, { password, mustChangePassword: false }, address)
  if (changed.kind === 'refused') return wrong(changed.text)
  if (changed.kind !== 'changed') return awayFor(c)
  // It is changed, come what may: without a new session the next page asks for it.
  const begun = await sessions.beginAgain(verdict.ticket ?? '', seenOf(c))
  if (begun.kind === 'begun') keepSession(c, begun.key, sessionSeconds)
  return undefined
}

function awayFor(c: Context<Env>): Mistake {
  c.header('Retry-After', '60')
  return { text: c.var.frame.t('trouble.later'), status: 503 }
}
