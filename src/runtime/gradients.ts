/**
 * Registers the gradients of all operations. tfjs' build for Node leaves them out of tfjs-core; they are taken from its module sources, which the bundler
 * includes. The registry is global, so it does not matter that those bring their own copy of the engine's code.
 */
import '../../node_modules/@tensorflow/tfjs-core/dist/register_all_gradients.js';
