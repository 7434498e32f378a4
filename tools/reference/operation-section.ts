import type { Lookup, Operation, BodyFields } from '../../src/catalog/define.ts'
import type { Label } from '../../src/catalog/locales/locales.ts'
import { definitionName, type Page, titleOf, textOf } from './page.ts'
import { code, heading, linkTo, parts, table } from './markdown.ts'
import { priceRows, totalOf, type Situation } from './price.ts'
import { parameterRows, type ParameterRow } from './schema-rows.ts'

/** The situations that the page lists a price for. */
const situationsOf = (kind: Operation['kind']): readonly Situation[] =>
  kind === 'trigger' ? ['start', 'idle', 'first', 'again'] : ['first', 'again']

/** Operations of one kind at a glance. */
export function operationsTable(page: Page, operations: readonly Operation[]): string {
  const { columns, tokens } = page.texts
  const situations = situationsOf(operations[0]!.kind)
  return table(
    [columns.operation, columns.description, ...situations.map((situation) => tokens.situations[situation])],
    operations.map((operation) => [
      linkTo(operation.id, titleOf(page, operation)),
      textOf(page, operation).description,
      ...situations.map((situation) => String(totalOf(priceOf(page, operation).requests[situation] ?? []))),
    ]),
  )
}

/** A Named is what a table of parameters must know of an operation. */
interface Named {
  id: string
  bodyFields?: BodyFields
}

/** One operation with everything about it. */
export function operationSection(page: Page, operation: Operation): string {
  const { operation: words } = page.texts
  const text = textOf(page, operation)
  const returned = linkTo(definitionName(operation), definitionName(operation))
  return parts(
    heading(3, titleOf(page, operation), operation.id),
    `${code(operation.id)} · ${code(`${operation.method} ${operation.path}`)}`,
    [text.description, text.deprecation, text.hint].filter(Boolean).join(page.texts.gap),
    parametersTable(page, operation, parameterRows(operation)),
    alsoTaken(page, operation),
    `**${words.returns}:** ${operation.kind === 'trigger' ? words.list(returned) : returned}`,
    priceTable(page, operation),
  )
}

export function parametersTable(page: Page, operation: Named, rows: readonly ParameterRow[]): string {
  const { columns, operation: words } = page.texts
  if (rows.length === 0) return words.noParameters
  const { bodyFields } = operation
  const head = [columns.name, columns.key, columns.required, columns.type, columns.description, ...(bodyFields ? [columns.target] : [])]
  const target = ({ key, in: place }: ParameterRow): string => {
    const to = place === 'body' ? bodyFields?.[key]?.to : undefined
    return to === undefined ? '' : code(to)
  }
  return table(
    head,
    rows.map((row) => {
      const label = (textOf(page, operation).parameters as Record<string, Label | undefined>)[row.key]
      if (!label) throw new Error(`${operation.id}: parameter "${row.key}" has no label in the locale`)
      return [
        label.summary,
        code(row.key),
        row.required ? words.yes : '',
        row.type,
        [label.description, ...valuesOf(page, row)].join(page.texts.gap),
        ...(bodyFields ? [target(row)] : []),
      ]
    }),
  )
}

/** What may be given: one of a few words, or a row of a list. */
function valuesOf(page: Page, row: ParameterRow): string[] {
  const { operation: words } = page.texts
  const shown = page.locale.values as Record<string, string>
  const word = (value: string) => (shown[value] === undefined || shown[value] === value ? code(value) : `${code(value)} (${shown[value]})`)
  const lookup = page.operations.find((o): o is Lookup => o.id === row.choices)
  return [
    ...(row.enum ? [words.oneOf(row.enum.map(word))] : []),
    ...(lookup ? [words.choices(linkTo(lookup.id, titleOf(page, lookup)))] : []),
  ]
}

function alsoTaken({ texts }: Page, operation: Operation): string | undefined {
  if (operation.kind !== 'action' || !operation.bodyFields) return undefined
  const more = Object.keys(operation.bodyFields).filter((name) => !(name in operation.input.shape))
  return texts.operation.alsoTaken(more.map(code))
}

function priceTable(page: Page, operation: Operation): string {
  const { columns, tokens } = page.texts
  const price = priceOf(page, operation)
  const situations = situationsOf(operation.kind)
  const paid = (tokensEach: number, times: number) =>
    times === 0 ? tokens.nothing : times === 1 ? String(tokensEach) : `${times} × ${tokensEach}`
  const rows = table(
    [columns.request, ...situations.map((situation) => tokens.situations[situation])],
    [
      ...priceRows(price, situations).map((row) => [code(row.request), ...row.times.map((times) => paid(row.tokens, times))]),
      [`**${tokens.total}**`, ...situations.map((situation) => `**${totalOf(price.requests[situation] ?? [])}**`)],
    ],
  )
  return parts(rows, ...price.variants.map(({ key, value, tokens: sum }) => tokens.variant(code(key), code(value), sum)))
}

function priceOf({ prices }: Page, { id }: Operation) {
  const price = prices.operations[id]
  if (!price) throw new Error(`${id} has no price`)
  return price
}
