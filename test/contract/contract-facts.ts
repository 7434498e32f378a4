/** A Fact is one statement of the contract that a user can observe. */
export interface Fact {
  kind: string
  at: string
  is: unknown
}

type Labelled<T> = T & Record<'label_en' | 'label_ja', string>
/** A CollectedContract is contract.json: the contract as it was collected. */
export interface CollectedContract {
  connection: {
    parameters: Labelled<{ key: string; type: string; required: boolean }>[]
    shareable: boolean
    name_en: string
    name_ja: string
    scope_ja: string
    sharing_ja: string
  }
  limits: { name_en: string; name_ja: string; calls: number; renewal_seconds: number }[]
  operations: {
    operationId: string
    kind: string
    method: string
    path: string
    summary_en: string
    summary_ja: string
    deprecated?: boolean
    preview?: boolean
    returns: string
    parameters?: Labelled<{ key: string; in: string; type: string; required: boolean; enum?: string[] }>[]
  }[]
  definitions: Record<string, Labelled<{ path: string; type: string }>[]>
  page: {
    website: string
    privacy: string
    products: Record<string, string | string[]>[]
  }
}

/** A Language is one of the two in which the contract was collected. */
export type Language = 'en' | 'ja'
export const fact = (kind: string, at: string, is: unknown): Fact => ({ kind, at, is })
export const PREVIEW = { en: '(Preview)', ja: '(プレビュー)' }
/** The title without that word. English titles of the contract leave the word out, Japanese ones have it. */
export const plain = (title: string) => title.replace(` ${PREVIEW.en}`, '').replace(` ${PREVIEW.ja}`, '')

/** The facts about operations and definitions, which definitions and pages contain. */
export function contractFacts({ operations, definitions }: CollectedContract, language: Language): Fact[] {
  const label = (of: Labelled<object>) => of[`label_${language}`]
  return [
    ...operations.flatMap((o) => [
      fact('operation', o.operationId, `${o.method} ${o.path}`),
      // Users do not see a look-up as a step: the contract only says that it exists.
      ...(o.kind === 'lookup'
        ? []
        : [
            fact('answer', o.operationId, o.returns),
            fact('title', o.operationId, plain(o[`summary_${language}`])),
            fact('deprecated', o.operationId, o.deprecated ?? false),
            fact('preview', o.operationId, o.preview ?? false),
            fact('keys in order', o.operationId, o.parameters!.map(({ key }) => key).join()),
          ]),
      ...(o.kind === 'lookup' ? [] : o.parameters!).flatMap((p) => [
        fact('place of a parameter', `${o.operationId}.${p.key}`, p.in),
        fact('type of a parameter', `${o.operationId}.${p.key}`, p.type),
        fact('required', `${o.operationId}.${p.key}`, p.required),
        fact('label of a parameter', `${o.operationId}.${p.key}`, label(p)),
        fact('words of a choice', `${o.operationId}.${p.key}`, (p.enum ?? []).join()),
      ]),
    ]),
    ...Object.entries(definitions).flatMap(([name, rows]) => [
      fact('rows in order', name, rows.map(({ path }) => path).join()),
      ...rows.flatMap((row) => [
        fact('type of a row', `${name}.${row.path}`, row.type),
        fact('label of a row', `${name}.${row.path}`, label(row)),
      ]),
    ]),
  ]
}

/** The facts about connection, limits and products, which pages contain. */
export function surroundingFacts({ connection, limits, page }: CollectedContract, language: Language): Fact[] {
  const own = (of: object, key: string) => (of as Record<string, unknown>)[`${key}_${language}`]
  return [
    fact('connection', 'name', own(connection, 'name')),
    ...(language === 'ja' ? [fact('connection', 'scope', connection.scope_ja), fact('connection', 'sharing', connection.sharing_ja)] : []),
    ...connection.parameters.flatMap((p) => [
      fact('connection', `${p.key}: label`, p[`label_${language}`]),
      fact('connection', `${p.key}: type`, p.type),
      fact('connection', `${p.key}: required`, p.required),
    ]),
    ...limits.flatMap((limit, row) => [
      fact('limit', `${row}: name`, own(limit, 'name')),
      fact('limit', `${row}: calls`, limit.calls),
      fact('limit', `${row}: seconds`, limit.renewal_seconds),
    ]),
    ...page.products.flatMap((product) => [
      fact('product', `${product['service'] as string}: class`, own(product, 'class')),
      ...(own(product, 'except') as string[]).map((region) => fact('product', `${product['service'] as string}: not in`, region)),
    ]),
    fact('address', 'website', page.website),
    fact('address', 'privacy', page.privacy),
  ]
}
