import { type OAuthScope, scopesAsked } from '../../lib/oauth-scopes.ts'
import { isRegisteredRedirect } from '../../lib/redirect-uri.ts'
import type { OAuthClientRow, OAuthClients } from '../../ports/oauth.ts'
import { type Parameters, parametersOf } from './parameters.ts'

export interface AuthorizationRequest {
  readonly client: OAuthClientRow
  readonly redirectUri: string
  readonly scopes: readonly OAuthScope[]
  readonly state: string | undefined
  readonly nonce: string
  readonly challenge: string
  readonly prompt: readonly string[]
  readonly maxAgeMs: number | undefined
}

/** Where an answer goes. */
export type AnswerTo = Pick<AuthorizationRequest, 'client' | 'redirectUri' | 'state'>

/** `shown`: nobody is known to whom it could be answered; the text is a key. */
export type ReadRequest =
  | { readonly kind: 'shown'; readonly text: string }
  | { readonly kind: 'refused'; readonly to: AnswerTo; readonly error: string; readonly text: string }
  | { readonly kind: 'asked'; readonly request: AuthorizationRequest }

/** BASE64URL of a SHA-256. RFC 7636 §4.2 */
const challengeForm = /^[\w-]{43}$/
const longest = 1000

/** RFC 6749 §4.1.1, RFC 7636 §4.3, OpenID Connect Core §3.1.2.1. Who asks and where the answer goes is found out before anything is answered. */
export async function readAuthorization(
  sent: URLSearchParams,
  clients: Pick<OAuthClients, 'find'>,
): Promise<ReadRequest> {
  const [id, ...moreIds] = sent.getAll('client_id')
  const client = id === undefined || moreIds.length > 0 ? undefined : await clients.find(id)
  if (!client) return { kind: 'shown', text: 'oauth.wrong-client' }
  const [redirectUri = '', ...moreUris] = sent.getAll('redirect_uri')
  if (moreUris.length > 0 || !isRegisteredRedirect(client.redirectUris, redirectUri))
    return { kind: 'shown', text: 'oauth.wrong-redirect' }
  const form = parametersOf(sent)
  const state = sent.get('state') || undefined
  const to = { client, redirectUri, state }
  if (!form) return { kind: 'refused', to, error: 'invalid_request', text: 'Something stands there twice.' }
  return readRest(form, to)
}

function readRest(form: Parameters, to: AnswerTo): ReadRequest {
  const refused = (error: string, text: string): ReadRequest => ({ kind: 'refused', to, error, text })
  const wrong = problem(form)
  if (wrong) return refused(...wrong)
  const scopes = scopesAsked(form['scope'] ?? '', to.client.scopes)
  if (scopes.length === 0) return refused('invalid_scope', 'None of these is for this application.')
  const maxAge = form['max_age']
  const request = {
    ...to,
    scopes,
    nonce: form['nonce'] ?? '',
    challenge: form['code_challenge'] ?? '',
    prompt: form['prompt']?.split(' ') ?? [],
    maxAgeMs: maxAge === undefined ? undefined : Number(maxAge) * 1000,
  }
  return { kind: 'asked', request }
}

function problem(form: Parameters): readonly [error: string, text: string] | undefined {
  const { response_type: type, response_mode: mode, request, request_uri: uri } = form
  if (type === undefined) return ['invalid_request', 'Say response_type.']
  if (type !== 'code') return ['unsupported_response_type', 'Only code is to be had.']
  if (mode !== undefined && mode !== 'query')
    return ['invalid_request', 'Only response_mode=query is to be had.']
  if (request !== undefined) return ['request_not_supported', 'Send what you ask for as it is.']
  if (uri !== undefined) return ['request_uri_not_supported', 'Send what you ask for as it is.']
  if (form['code_challenge_method'] !== 'S256' || !challengeForm.test(form['code_challenge'] ?? ''))
    return ['invalid_request', 'Send code_challenge, with code_challenge_method=S256.']
  if ([form['nonce'], form['state']].some((text = '') => text.length > longest))
    return ['invalid_request', `nonce and state have up to ${longest} characters.`]
  if (!/^\d{0,9}$/.test(form['max_age'] ?? '')) return ['invalid_request', 'max_age are seconds.']
  const prompt = form['prompt']?.split(' ') ?? []
  if (prompt.includes('none') && prompt.length > 1) return ['invalid_request', 'prompt=none stands alone.']
  return undefined
}
