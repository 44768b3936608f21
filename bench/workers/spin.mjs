/** Makes prices on one core for a while, then prints how many a second: what the machine gives. */
import { BLOCK_ROWS, checkSpec, Market } from '../../dist/index.js';

const market = new Market(checkSpec({ count: 1, defaults: { model: 'gbm' } }).spec);
const block = market.newPrices(BLOCK_ROWS);
const untilMs = performance.now() + Number(process.argv[2]);
let blocks = 0;
for (; performance.now() < untilMs; blocks++) market.fillBlock(block, 0, blocks % 1000);
console.log(blocks);
