import { testStates } from './states-kinds.ts';

testStates('in trouble');
