//! `#[derive(Weigh)]`: implements `explore::Weigh` from the fields of a type.
//!
//! `explore` hands it on; nobody else depends on this crate. Written for the sizes: what others derive
//! (get-size2, datasize, deepsize) counts with the sizes of the machine it runs on, and a search has to
//! end in the same state in wasm, where a pointer has half the size.

use proc_macro::TokenStream;
use proc_macro2::TokenStream as Tokens;
use quote::{format_ident, quote};
use syn::{Data, DeriveInput, Fields, Ident, parse_macro_input, parse_quote};

/// Implements `explore::Weigh`: the layout of the fields, and the sum of what they own.
#[proc_macro_derive(Weigh)]
pub fn weigh(input: TokenStream) -> TokenStream {
    let mut input = parse_macro_input!(input as DeriveInput);
    for parameter in input.generics.type_params_mut() {
        parameter.bounds.push(parse_quote!(::explore::Weigh));
    }
    let name = &input.ident;
    let (generics, of, bounds) = input.generics.split_for_impl();
    let (layout, owns, arms) = match &input.data {
        Data::Struct(data) => {
            let (layouts, owns) = layouts(&data.fields);
            let arm = arm(quote!(#name), &data.fields);
            (quote!(::explore::weigh::Layout::of(#layouts)), owns, arm)
        }
        Data::Enum(data) => {
            let variants = data.variants.iter();
            let all: Vec<(Tokens, Tokens)> = variants.map(|one| layouts(&one.fields)).collect();
            let layouts = all.iter().map(|(layouts, _)| layouts);
            let owns = all.iter().map(|(_, owns)| owns);
            let arms = data.variants.iter().map(|one| {
                let variant = &one.ident;
                arm(quote!(#name::#variant), &one.fields)
            });
            (
                quote!(::explore::weigh::Layout::either(&[ #( #layouts ),* ])),
                quote!(false #( || #owns )*),
                quote!(#( #arms )*),
            )
        }
        Data::Union(_) => {
            let why = "a union does not know what it owns: implement `explore::Weigh` by hand";
            return syn::Error::new_spanned(name, why)
                .into_compile_error()
                .into();
        }
    };
    quote! {
        impl #generics ::explore::Weigh for #name #of #bounds {
            const LAYOUT: ::explore::weigh::Layout = #layout;
            const OWNS: bool = #owns;
            fn weigh(&self, scale: &mut ::explore::weigh::Scale) {
                if !<Self as ::explore::Weigh>::OWNS {
                    return;
                }
                match self { #arms }
            }
        }
    }
    .into()
}

/// The layouts of fields, as a list, and whether any of them can own anything.
fn layouts(fields: &Fields) -> (Tokens, Tokens) {
    let kinds: Vec<_> = fields.iter().map(|field| &field.ty).collect();
    (
        quote!(&[ #( <#kinds as ::explore::Weigh>::LAYOUT ),* ]),
        quote!(false #( || <#kinds as ::explore::Weigh>::OWNS )*),
    )
}

/// A match arm that puts every field of a struct or variant on the scale.
fn arm(path: Tokens, fields: &Fields) -> Tokens {
    let names: Vec<Ident> = (0..fields.len())
        .map(|nth| format_ident!("field_{nth}"))
        .collect();
    let pattern = match fields {
        Fields::Named(named) => {
            let fields = named.named.iter().map(|field| &field.ident);
            quote!(#path { #( #fields: #names ),* })
        }
        Fields::Unnamed(_) => quote!(#path( #( #names ),* )),
        Fields::Unit => quote!(#path),
    };
    quote!(#pattern => { #( ::explore::Weigh::weigh(#names, scale); )* })
}
