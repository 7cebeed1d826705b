#pragma once
// Whoever builds on the SDK has the bodies of its functions as inline functions, from the *_impl.hpp headers. Where many connectors are built
// together, as in Godwit's own tree, GODWIT_SDK_COMPILED leaves them to one compiled copy (compiled.cpp): with the JSON library behind
// them they are most of what a small connector compiles.

#ifdef GODWIT_SDK_COMPILED
#define GODWIT_SDK_INLINE
#else
#define GODWIT_SDK_INLINE inline
#endif
