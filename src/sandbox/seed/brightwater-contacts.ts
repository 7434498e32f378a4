import { users } from './brightwater-ids.ts'
import type { CompanySeed } from './seed.ts'

const { alice, bob, chloe, diego, emi, frank, grace } = users

export const brightwaterContacts: Pick<CompanySeed, 'organizations' | 'persons'> = {
  organizations: [
    {
      name: 'Acme Corporation',
      owner: alice,
      added: 210,
      address: 'Sveavägen 44, 111 34 Stockholm, Sweden',
      website: 'https://acme.example',
      employees: 240,
    },
    { name: 'Bluebird Hotels', owner: bob, added: 205, address: '12 Harbour Street, Boston, MA 02110, USA', employees: 1200 },
    { name: 'Café Lumière', owner: chloe, added: 198, address: '8 Rue des Martyrs, 75009 Paris, France' },
    { name: 'Delta Logistics S.L.', owner: diego, added: 180, address: 'Calle de Alcalá 210, 28028 Madrid, Spain', employees: 85 },
    { name: '江戸テック株式会社', owner: emi, added: 171, address: '東京都中央区日本橋1-4-1' },
    { name: 'Fjordbank ASA', owner: alice, added: 150, visible: 1, address: 'Karl Johans gate 3, 0154 Oslo, Norway', employees: 640 },
    { name: "Grafton & O'Shea Solicitors", owner: grace, added: 140 },
    { name: 'Hollister University', owner: bob, added: 122, address: '1 College Road, Albany, NY 12207, USA', employees: 3100 },
    { name: 'Isar Maschinenbau GmbH', owner: frank, added: 96 },
    { name: 'Juniper Clinics', owner: grace, added: 60, employees: 310 },
    { name: 'Kestrel Aerospace', owner: chloe, added: 33, visible: 1 },
    { name: 'Lindqvist & Dotter AB', owner: alice, added: 9.5, website: 'https://lindqvist.example' },
  ],
  persons: [
    {
      name: 'Jane Smith',
      owner: alice,
      org: 1,
      added: 209,
      emails: [['jane.smith@acme.example'], ['jane@home.example', 'home']],
      phones: [['+46 70 555 01 23', 'mobile']],
    },
    { name: 'Marcus Webb', owner: bob, org: 2, added: 204, emails: [['m.webb@bluebird.example']] },
    { name: 'Camille Dubois', owner: chloe, org: 3, added: 197, emails: [['camille@lumiere.example']], phones: [['+33 1 55 50 12 34']] },
    { name: 'Javier Ortega Ruiz', owner: diego, org: 4, added: 179, emails: [['jortega@delta.example']] },
    { name: '佐藤 健', owner: emi, org: 5, added: 170, emails: [['sato@edotech.example']] },
    { name: 'Ingrid Haugen', owner: alice, org: 6, added: 149, visible: 1, emails: [['ingrid.haugen@fjordbank.example']] },
    { name: "Siobhán O'Shea", owner: grace, org: 7, added: 139, emails: [['siobhan@grafton.example']] },
    { name: 'Denise Carter', owner: bob, org: 8, added: 121, emails: [['dcarter@hollister.example']], phones: [['+1 518 555 0142']] },
    { name: 'Tobias Huber', owner: frank, org: 9, added: 95 },
    { name: 'Dr. Aoife Byrne', owner: grace, org: 10, added: 59, emails: [['a.byrne@juniper.example']] },
    { name: 'Léa Fontaine', owner: chloe, org: 11, added: 32, visible: 1, emails: [['lea.fontaine@kestrel.example']] },
    { name: 'Oskar Lindqvist', owner: alice, org: 12, added: 9.4, emails: [['oskar@lindqvist.example']] },
    { name: 'Priya Raman', owner: diego, added: 8, phones: [['+44 20 7946 0991']] },
    { name: 'Cher', owner: bob, added: 5 },
    { name: 'Walter Gone', owner: grace, org: 10, added: 4.5, deleted: 4 },
  ],
}
