import { testStates } from './states-kinds.ts';

testStates('used');
