import type { CustomValues } from '../state/records.ts'
import { zoneNamed } from '../state/time-zones.ts'
import { fields, users } from './brightwater-ids.ts'
import type { CompanySeed } from './seed.ts'

/** Every type of custom field once on deals, and a few fields of the other kinds. Option ids are unique in the company. */
export const brightwaterFields: Pick<CompanySeed, 'labels' | 'customFields' | 'categories'> = {
  labels: {
    deal: [
      { id: 11, label: 'Hot', color: 'red' },
      { id: 12, label: 'Warm', color: 'yellow' },
      { id: 13, label: 'Cold', color: 'blue' },
    ],
    person: [
      { id: 21, label: 'Decides', color: 'green' },
      { id: 22, label: 'Recommends', color: 'blue' },
    ],
    organization: [
      { id: 31, label: 'Key account', color: 'purple' },
      { id: 32, label: 'Reseller', color: 'gray' },
    ],
  },
  categories: [
    { id: 41, label: 'Furniture' },
    { id: 42, label: 'Services' },
  ],
  customFields: [
    { code: fields.purchaseOrder, name: 'Purchase order', type: 'varchar' },
    { code: fields.assemblyFee, name: 'Assembly fee', type: 'monetary' },
    { code: fields.region, name: 'Region', type: 'varchar_auto' },
    { code: fields.briefing, name: 'Briefing', type: 'text', description: 'What the customer wants, in their own words' },
    { code: fields.floorArea, name: 'Floor area', type: 'double', description: 'Square metres' },
    { code: fields.installDate, name: 'Installation', type: 'date' },
    { code: fields.installWindow, name: 'Building open for works', type: 'daterange' },
    { code: fields.deliveryTime, name: 'Delivery time', type: 'time' },
    { code: fields.dockHours, name: 'Loading dock hours', type: 'timerange' },
    { code: fields.sitePhone, name: 'Phone on site', type: 'phone' },
    {
      code: fields.wood,
      name: 'Wood',
      type: 'enum',
      options: [
        { id: 51, label: 'Oak' },
        { id: 52, label: 'Walnut' },
        { id: 53, label: 'Birch' },
      ],
    },
    {
      code: fields.rooms,
      name: 'Rooms',
      type: 'set',
      options: [
        { id: 61, label: 'Lobby' },
        { id: 62, label: 'Offices' },
        { id: 63, label: 'Canteen' },
        { id: 64, label: 'Meeting rooms' },
      ],
    },
    { code: fields.planner, name: 'Planner', type: 'user' },
    { code: fields.dealer, name: 'Dealer', type: 'org' },
    { code: fields.architect, name: 'Architect', type: 'people' },
    { code: fields.site, name: 'Site', type: 'address' },
    {
      entity: 'person',
      code: fields.language,
      name: 'Language',
      type: 'enum',
      options: [
        { id: 71, label: 'English' },
        { id: 72, label: 'Svenska' },
        { id: 73, label: '日本語' },
      ],
    },
    { entity: 'organization', code: fields.customerSince, name: 'Customer since', type: 'date' },
    { entity: 'product', code: fields.leadTime, name: 'Lead time in weeks', type: 'double' },
    { entity: 'activity', code: fields.travel, name: 'Travel cost', type: 'monetary' },
  ],
}

/** A value of each type. */
export const hollisterValues: CustomValues = {
  [fields.region]: 'North East',
  [fields.briefing]: 'Stackable chairs that do not scratch the parquet.\nColours as in the old reading room.',
  [fields.floorArea]: 412.5,
  [fields.installDate]: '2027-02-15',
  [fields.installWindow]: { value: '2027-02-08', until: '2027-02-26' },
  [fields.deliveryTime]: { value: '07:30:00', ...zoneNamed('America/New_York') },
  [fields.dockHours]: { value: '06:00:00', until: '11:00:00', ...zoneNamed('America/New_York') },
  [fields.sitePhone]: '+1 518 555 0199',
  [fields.wood]: 53,
  [fields.rooms]: [62, 64],
  [fields.planner]: users.alice,
  [fields.dealer]: 2,
  [fields.architect]: 8,
  [fields.site]: {
    value: '1 College Road, Albany, NY 12207, USA',
    country: 'United States',
    admin_area_level_1: 'New York',
    admin_area_level_2: 'Albany County',
    locality: 'Albany',
    sublocality: null,
    route: 'College Road',
    street_number: '1',
    subpremise: null,
    postal_code: '12207',
    formatted_address: '1 College Rd, Albany, NY 12207, USA',
  },
}
