import { Hono } from 'hono'
import type { Env } from '../../site/visit.ts'
import type { AdminParts } from '../parts.ts'
import { domainForms } from './edit.ts'
import { listDomains } from './list.ts'

/** Domains, to those who manage them. Mailu: `/domain`. */
export function domainRoutes(parts: AdminParts): Hono<Env> {
  return new Hono<Env>().get('/', (c) => listDomains(c, parts)).route('/', domainForms(parts.admin))
}
