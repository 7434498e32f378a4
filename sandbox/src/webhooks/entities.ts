import type * as z from 'zod'
import { activities } from '../resources/activities.ts'
import { deals } from '../resources/deals.ts'
import { leads } from '../resources/leads.ts'
import { notes } from '../resources/notes.ts'
import { organizations } from '../resources/organizations.ts'
import { persons } from '../resources/persons.ts'
import { pipelines, stages } from '../resources/pipelines.ts'
import { products } from '../resources/products.ts'
import type { Resource, ResourcePayload } from '../resources/resource.ts'
import type { PayloadContext, Shape } from '../resources/views/record-view.ts'
import type { Row } from '../state/records.ts'

/** An EntityPayload describes the payloads of one kind of record; their form differs from API v2. */
export interface EntityPayload<R extends Row> extends ResourcePayload, Pick<Resource<R>, 'table' | 'canSee' | 'uuid'> {
  data(row: R, context: PayloadContext): Shape
}

/** A Visitor is called with each EntityPayload, typed by its rows. */
export type Visitor = <R extends Row>(entity: EntityPayload<R>) => void

function payloadOf<R extends Row, B extends z.ZodObject>({ table, canSee, uuid, view, payload, path }: Resource<R, B>): EntityPayload<R> {
  if (!payload || !view.webhook) throw new Error(`${path} has no webhook events`)
  return { ...payload, table, ...(canSee && { canSee }), ...(uuid && { uuid }), data: view.webhook }
}

/** All kinds with a table. Users have none; `event.ts` handles them. */
export function eachEntity(visit: Visitor): void {
  visit(payloadOf(deals))
  visit(payloadOf(activities))
  visit(payloadOf(persons))
  visit(payloadOf(organizations))
  visit(payloadOf(products))
  visit(payloadOf(leads))
  visit(payloadOf(notes))
  visit(payloadOf(pipelines))
  visit(payloadOf(stages))
}
