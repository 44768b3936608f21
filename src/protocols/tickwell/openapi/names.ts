/**
 * What Fastify's schemas do not say of the HTTP half, for tools that make clients of it: what each
 * operation is called, and names for what several of them share.
 */

interface Part {
  readonly $ref?: string;
}

interface Parameter extends Part {
  readonly name: string;
  readonly required?: boolean;
  readonly schema?: { readonly default?: unknown };
}

type Schema = Record<string, unknown>;

interface Response extends Part {
  content?: Record<string, { schema: Schema }>;
}

interface Operation {
  operationId?: string;
  description?: string;
  parameters?: (Parameter | Part)[];
  responses: Record<string, Response>;
}

type Method = 'get' | 'post';

/** An OpenAPI document, as far as it is changed here. */
interface Document {
  servers?: { readonly url: string; readonly description: string }[];
  security?: readonly never[];
  components?: object;
  paths?: Readonly<Record<string, Readonly<Partial<Record<Method, Operation>>>>>;
}

interface Known {
  readonly id: string;
  /** What its answer is called, if it is one in JSON. */
  readonly answer?: string;
  readonly description: string;
}

/** By path, with `post` before it where something is to be done. */
const OPERATIONS: Readonly<Record<string, Known>> = {
  '/healthz': {
    id: 'getHealth',
    answer: 'Status',
    description: 'Answers as long as the process runs.',
  },
  '/readyz': {
    id: 'getReadiness',
    answer: 'Status',
    description: 'Answers 200 once rows are served, and 503 before that.',
  },
  '/metrics': {
    id: 'getMetrics',
    description: 'What the server does and its health, in the text format of Prometheus.',
  },
  '/v1/hello': {
    id: 'getHello',
    answer: 'Hello',
    description: 'What the WebSocket says first, or why it cannot be opened from here.',
  },
  '/v1/protocols': {
    id: 'getProtocols',
    answer: 'Protocols',
    description: 'What the server speaks, and the base URLs that clients of each are given.',
  },
  '/v1/market': {
    id: 'getMarket',
    answer: 'Market',
    description: 'The market id, the grid, the newest row and every instrument.',
  },
  '/v1/rows': {
    id: 'getRows',
    answer: 'Rows',
    description: 'The rows with `since < time <= until`, or the newest so many.',
  },
  '/v1/trades': {
    id: 'getTrades',
    answer: 'Trades',
    description: 'Single trades of an instrument, by their numbers, without a hole.',
  },
  '/v1/candles': {
    id: 'getCandles',
    answer: 'Candles',
    description: 'Open, high, low and close of instruments, without holes, oldest first.',
  },
  '/v1/depth': {
    id: 'getDepth',
    answer: 'Depth',
    description: 'The orders that wait at the best prices of an instrument, as of a row.',
  },
  '/v1/latest': {
    id: 'getLatest',
    answer: 'Latest',
    description: 'The newest price of each instrument and its last 24 hours, flat.',
  },
  '/v1/sparklines': {
    id: 'getSparklines',
    answer: 'Sparklines',
    description: 'A few prices of each instrument over the newest stretch of time.',
  },
  '/v1/realism': {
    id: 'getRealism',
    answer: 'RealismReport',
    description: 'Statistics of the returns of one instrument, and what studies report of them.',
  },
  'post /v1/grade': {
    id: 'grade',
    answer: 'Grade',
    description: 'Holds records against what is true, in the order in which they were taken in.',
  },
  '/v1/faults': {
    id: 'getFaults',
    answer: 'Faults',
    description: 'The strikes of a profile on the rows with `since < time <= until`.',
  },
  '/v1/faults/profiles': {
    id: 'getFaultProfiles',
    answer: 'FaultProfiles',
    description: 'The profiles that have a name, with their clauses, and what each kind does.',
  },
  '/v1/events': {
    id: 'getEvents',
    description: 'The rows after `since` as server-sent events, without end.',
  },
  '/v1/control': {
    id: 'mayControl',
    answer: 'Allowed',
    description: 'Whether who asks may have something done to the market, and why not.',
  },
  'post /v1/control/events': {
    id: 'doEvent',
    answer: 'Taken',
    description: 'Done at the first row that nobody has been given; the answer says which.',
  },
  'post /v1/control/scenarios': {
    id: 'startScenario',
    answer: 'Taken',
    description: 'All of its effects are done, or none. It has a name, or is your own.',
  },
  'post /v1/control/clock': {
    id: 'changeClock',
    answer: 'Turned',
    description: "The market's time stands still, goes on, goes faster or slower, or steps on.",
  },
  '/v1/control/scenarios': {
    id: 'getScenarios',
    answer: 'Scenarios',
    description: 'Each with its effects; times count from its start.',
  },
  '/v1/control/log': {
    id: 'getLog',
    answer: 'Log',
    description: 'All that was done to the market, in the order in which it takes effect.',
  },
};

const RESPONSE_NAMES: Readonly<Record<string, string>> = {
  '304': 'NotModified',
  '4XX': 'Refused',
  '5XX': 'Failed',
};

/** Whoever has the document knows where the server is: beside it. */
export const SERVERS = [{ url: '.', description: 'The server that this document is of' }];

/** Names the parts of `document`, in place, and gives it. */
export function withNames<Given extends object>(document: Given): Given {
  const { paths = {} } = document as Document;
  const schemas: Record<string, Schema> = {};
  const operations = Object.entries(paths).flatMap(([path, { get, post }]) => {
    return [
      named(get, OPERATIONS[path], schemas),
      named(post, OPERATIONS[`post ${path}`], schemas),
    ].flat();
  });
  const components = {
    schemas,
    parameters: sharedParameters(operations),
    responses: sharedResponses(operations),
  };
  return Object.assign(document, { servers: SERVERS, security: [], components });
}

/** An operation with its name, if it is there and has one. */
function named(
  operation: Operation | undefined,
  known: Known | undefined,
  schemas: Record<string, Schema>,
): readonly Operation[] {
  if (operation === undefined || known === undefined) return [];
  operation.operationId = known.id;
  operation.description ??= known.description;
  operation.parameters &&= operation.parameters.map(optionalIfDefault);
  nameSchemas(operation, known, schemas);
  return [operation];
}

/** What has a default need not be given. */
function optionalIfDefault(parameter: Parameter | Part): Parameter | Part {
  if (!('schema' in parameter) || parameter.schema?.default === undefined) return parameter;
  return { ...parameter, required: false };
}

function nameSchemas({ responses }: Operation, { answer }: Known, schemas: Record<string, Schema>) {
  for (const [status, { content = {} }] of Object.entries(responses)) {
    const name = status.startsWith('2') ? answer : 'Error';
    const json = content['application/json'];
    if (name === undefined || json === undefined) continue;
    schemas[name] ??= withInstrument(json.schema, schemas);
    json.schema = { $ref: `#/components/schemas/${name}` };
  }
}

/** The settings of an instrument have a name of their own. */
function withInstrument(schema: Schema, schemas: Record<string, Schema>): Schema {
  const properties = schema.properties as Record<string, Schema> | undefined;
  const instruments = properties?.instruments;
  if (instruments?.items === undefined) return schema;
  schemas.Instrument = instruments.items as Schema;
  const items = { $ref: '#/components/schemas/Instrument' };
  return { ...schema, properties: { ...properties, instruments: { ...instruments, items } } };
}

/** Moves what several operations take out of them; those that differ under one name stay. */
function sharedParameters(operations: readonly Operation[]): Record<string, Parameter> {
  const all = operations.flatMap(({ parameters = [] }) => parameters as Parameter[]);
  const shared: Record<string, Parameter> = {};
  for (const parameter of all) {
    const alike = all.filter((other) => isSame(other, parameter));
    if (alike.length > 1) shared[capital(parameter.name)] ??= parameter;
  }
  for (const operation of operations) {
    if (operation.parameters === undefined) continue;
    operation.parameters = (operation.parameters as Parameter[]).map((parameter) => {
      const name = capital(parameter.name);
      const isShared = shared[name] !== undefined && isSame(shared[name], parameter);
      return isShared ? { $ref: `#/components/parameters/${name}` } : parameter;
    });
  }
  return shared;
}

function sharedResponses(operations: readonly Operation[]): Record<string, Response> {
  const shared: Record<string, Response> = {};
  for (const { responses } of operations) {
    for (const [status, response] of Object.entries(responses)) {
      const name = RESPONSE_NAMES[status];
      if (name === undefined) continue;
      shared[name] ??= response;
      if (!isSame(shared[name], response)) continue;
      responses[status] = { $ref: `#/components/responses/${name}` };
    }
  }
  return shared;
}

function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function isSame(one: object, other: object): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
