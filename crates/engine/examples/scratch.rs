//! scratch
fn main(){
 let a:Vec<String>=std::env::args().collect();
 let s=std::fs::read_to_string(&a[1]).unwrap();
 let scene: engine::Scene=serde_json::from_str(&s).unwrap();
 println!("{:?}", scene.all_mistakes());
 for m in scene.broken_expectations(){println!("{m}");}
 let mut sel=std::collections::BTreeMap::new();
 for kv in &a[2..]{let(k,v)=kv.split_once('=').unwrap(); sel.insert(k.to_string(),v.to_string());}
 let cast=engine::Cast::new(&scene.with(&sel).unwrap()).unwrap();
 let mut run=engine::Run::new(cast.clone());
 println!("{:?}",run.to_rest());
 print!("{}",run.trace().text());
 println!("{:?} {:?}",engine::anomaly::lost(run.trace()),engine::anomaly::duplicated(run.trace()).len());
 println!("{}",engine::broker::kafka::tools::describe_group(run.world().broker(),engine::broker::kafka::GroupId(0),&*cast));
 assert_eq!(&engine::Trace::read(&run.trace().text(),cast).unwrap(),run.trace());
 println!("{}", run.path());
}
