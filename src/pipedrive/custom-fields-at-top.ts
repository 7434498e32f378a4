import { isObject } from '../kit/is-object.ts'
import type { UpstreamRow } from './pipedrive.ts'

const CODE = /^[0-9a-f]{40}$/
const PART = /^([0-9a-f]{40})_([a-z_]+)$/
/** The parts of a value that callers know; API v1 has more, which Pipedrive derives. */
const PARTS: readonly string[] = ['currency', 'until', 'timezone_name', 'timezone_id']

/** A record of API v1 with its custom fields under `custom_fields`, as API v2 has them: a value with parts is an object. */
export function withCustomFields(row: UpstreamRow): UpstreamRow {
  const plain: UpstreamRow = { id: row.id }
  const values: Record<string, unknown> = {}
  const parts: [code: string, part: string, value: unknown][] = []
  for (const [name, value] of Object.entries(row)) {
    const [, code, part] = PART.exec(name) ?? []
    if (CODE.test(name)) values[name] = value
    else if (code === undefined) plain[name] = value
    else if (PARTS.includes(part!)) parts.push([code, part!, value])
  }
  for (const [code, part, value] of parts) {
    if (values[code] === undefined || values[code] === null || value === null) continue
    const whole = values[code]
    values[code] = { ...(isObject(whole) ? whole : { value: whole }), [part]: value }
  }
  return { ...plain, custom_fields: values }
}

/** The body of a write for API v1: custom fields at the top level, each part under its own key, several options as one text. */
export function withoutCustomFields({
  custom_fields: custom,
  ...body
}: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (!isObject(custom)) return body
  const atTop = Object.entries(custom).flatMap(([code, value]): [string, unknown][] => {
    if (Array.isArray(value)) return [[code, value.join(',')]]
    if (!isObject(value)) return [[code, value]]
    return Object.entries(value).map(([part, inner]) => [part === 'value' ? code : `${code}_${part}`, inner])
  })
  return { ...body, ...Object.fromEntries(atTop) }
}
