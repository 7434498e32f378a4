import type { Behaviour, InventedText } from '../behaviour.ts'

/** An Answer is a status with a JSON or HTML body. */
export interface Answer {
  status: number
  body: string
  html?: true
  headers?: Record<string, string>
}

/** A Refusal ends a request with its answer. */
export class Refusal extends Error {
  readonly answer: Answer
  constructor(answer: Answer) {
    super(`${answer.status} ${answer.body}`)
    this.answer = answer
  }
}

export const json = (status: number, body: unknown, headers?: Record<string, string>): Answer => ({
  status,
  body: JSON.stringify(body),
  ...(headers && { headers }),
})

export const html = (status: number, title: string): Answer => ({
  status,
  body: `<!DOCTYPE html><html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`,
  html: true,
})

export const one = (data: unknown, status = 200): Answer => json(status, { success: true, data })
export const page = (data: unknown[], nextCursor: string | null): Answer =>
  json(200, { success: true, data, additional_data: { next_cursor: nextCursor } })

export const failure = (status: number, error: string, code?: string): Answer =>
  json(status, { success: false, error, ...(code !== undefined && { code }) })

export const notFound = (singular: string): Refusal => new Refusal(failure(404, `${singular} not found`))

const WHERE_TO_LOOK = 'Please check developers.pipedrive.com'
export const unauthorized = (): Answer =>
  json(401, { success: false, error: 'unauthorized access', errorCode: 401, error_info: WHERE_TO_LOOK }, { 'x-401-by-gw': 'true' })

/** The answer to a user who is not an administrator, for administrators' operations. */
export const forbidden = (): Refusal =>
  new Refusal(json(403, { success: false, error: 'Scope and URL mismatch', errorCode: 403, error_info: WHERE_TO_LOOK }))

/** A Problem is what is wrong with one parameter. */
export interface Problem {
  field: string
  text: string
}

export const validationFailed = (problems: readonly Problem[]): Refusal =>
  new Refusal(
    failure(400, `Validation failed: ${problems.map(({ field, text }) => `${field}: ${text}`).join('; ')}`, 'ERR_SCHEMA_VALIDATION_FAILED'),
  )

/** The current wording of an invented text. */
export const wording = (behaviour: Readonly<Behaviour>, text: InventedText, values = ''): string =>
  behaviour[`text.${text}`].replace('{values}', values)

/** The answer to a write on a record that cannot be written. */
export const unchangeable = (status: number, why: 'isDeleted' | 'isArchived', singular: string, behaviour: Readonly<Behaviour>): Refusal =>
  status === 404 ? notFound(singular) : new Refusal(failure(status, wording(behaviour, why, singular)))

/** The answer to a call beyond a limit. Its body is an assumption. */
export const tooManyRequests = (): Answer => json(429, { success: false, error: 'Rate limit exceeded', errorCode: 429 })

/** The page of the firewall in front of Pipedrive. */
export const firewall = (): Answer => ({
  ...html(403, 'Attention Required! | Cloudflare'),
  headers: { server: 'cloudflare', 'cf-mitigated': 'challenge' },
})
