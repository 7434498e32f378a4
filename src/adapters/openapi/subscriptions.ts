import type { InstantTrigger, Operation, Trigger } from '../../catalog/define.ts'
import type { Locale } from '../../catalog/locales/en.ts'
import type { OperationText } from '../../catalog/locales/locales.ts'
import { CALLBACK_FIELD, endSubscription } from '../../catalog/subscriptions.ts'
import { answer } from './answer.ts'
import { parameters, type SwaggerParameter } from './parameters.ts'
import { labelled, type SwaggerSchema } from './schema.ts'
import type { SwaggerOperation, SwaggerPathItem } from './swagger-document.ts'

export const subscriptionPath = (trigger: Pick<Trigger, 'id'>): string => `/subscriptions/${trigger.id}`

/** The paths of the subscriptions: one for each instant trigger, and one that removes any subscription. */
export function subscriptionPaths(
  operations: readonly Operation[],
  locale: Locale,
  definitions: Record<string, SwaggerSchema>,
): Record<string, SwaggerPathItem> {
  const paths: Record<string, SwaggerPathItem> = {}
  for (const trigger of operations) {
    if (trigger.kind !== 'trigger' || !trigger.instant) continue
    const content = {
      description: locale.responses.notified,
      schema: answer(trigger.instant.id, trigger.instant.output, locale, definitions),
    }
    const post = subscribe(operations, trigger, trigger.instant, locale)
    paths[subscriptionPath(trigger)] = { 'x-ms-notification-content': content, post } as unknown as SwaggerPathItem
  }
  if (Object.keys(paths).length > 0) paths[endSubscription.path] = { delete: removal(operations, locale) }
  return paths
}

function textOf({ operations }: Locale, id: string): OperationText {
  const text = (operations as Record<string, OperationText>)[id]
  if (!text) throw new Error(`${id} has no text in the locale`)
  return text
}

function subscribe(operations: readonly Operation[], trigger: Trigger, { id, filters }: InstantTrigger, locale: Locale): SwaggerOperation {
  const { summary, description, hint, ...text } = textOf(locale, id)
  const label = text.parameters[CALLBACK_FIELD]
  if (!hint || !label) throw new Error(`${id}: an instant trigger needs a hint and a label for ${CALLBACK_FIELD} in the locale`)
  const asked = { id, method: 'POST', path: subscriptionPath(trigger), input: filters } as const
  const [body] = parameters(operations, asked, { summary, description, ...text }, locale)
  return {
    operationId: id,
    summary,
    description,
    'x-ms-visibility': 'important',
    'x-ms-trigger': 'single',
    'x-ms-trigger-hint': hint,
    parameters: [withCallback(body!, label)],
    responses: { 201: { description: locale.responses.subscribed }, default: { description: locale.responses.failure } },
  }
}

/** The body with the property that receives the host's callback URL. */
function withCallback(body: SwaggerParameter, label: { summary: string; description: string }): SwaggerParameter {
  const callback = { type: 'string', ...labelled(label), 'x-ms-visibility': 'internal', 'x-ms-notification-url': true }
  const { required = [], properties, ...schema } = body.schema!
  return {
    ...body,
    schema: { ...schema, properties: { [CALLBACK_FIELD]: callback, ...properties }, required: [CALLBACK_FIELD, ...required] },
  }
}

/** Hosts require the Location of a subscription; Microsoft's rules require it in the definition. */
function removal(operations: readonly Operation[], locale: Locale): SwaggerOperation {
  const { id } = endSubscription
  const text = textOf(locale, id)
  return {
    operationId: id,
    summary: text.summary,
    description: text.description,
    'x-ms-visibility': 'internal',
    parameters: parameters(operations, endSubscription, text, locale),
    responses: { 204: { description: locale.responses.ended }, default: { description: locale.responses.failure } },
  }
}
